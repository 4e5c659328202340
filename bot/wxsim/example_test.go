package wxsim_test

import (
	"fmt"
	"io"
	"net/http"

	"chunfeng/bot/wxsim"
)

// A world of one account in one group, with a trouble, and a resident who speaks.
func Example() {
	sim := wxsim.New(wxsim.Options{Seed: 1})
	defer sim.Close()
	account := sim.AddAccount("a01", wxsim.AccountOptions{Host: "wx2.qq.com"})
	group := sim.AddGroup(wxsim.GroupOptions{ID: "Y-0001", Name: "훈춘 취업", Count: 40})
	group.Join(account, true)
	if err := sim.ParseFaults("send.1205:after=30,for=30m;send.cut_after:p=0.01"); err != nil {
		fmt.Println(err)
	}
	group.Says("", "신청합니다")

	// The client would use sim.Transport() instead of a network, or sim.Handler() behind a port.
	client := http.Client{Transport: sim.Transport()}
	resp, err := client.Get("https://login.wx.qq.com/jslogin?appid=wx782c26e4c19acffb")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	fmt.Println(string(b[:26]), len(sim.Arrivals()))
	// Output: window.QRLogin.code = 200; 0
}
