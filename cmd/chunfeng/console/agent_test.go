package console

import "testing"

func TestBrowserName(t *testing.T) {
	for in, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.85 Safari/537.36":                         "Chrome 90, Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0":              "Edge 120, Windows",
		"Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.99 XWEB/4313 MMWEBSDK/1 MicroMessenger/8.0.28.2240": "WeChat 8, Android",
		"curl/8.4.0": "curl/8.4.0",
		"":           "",
	} {
		if got := browserName(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}
