package main

import (
	"fmt"
	"time"
)

// firstWorkbook writes the first season: a Chinese sheet for manufacturing with merged cells, and one with Korean
// headers for restaurants and cafés.
func firstWorkbook(es []employer) ([]byte, error) {
	b := newBook()
	b.open("制造业")
	heads := []string{"序号", "企业名称", "企业名称（朝文）", "招聘岗位", "招聘人数", "工资待遇", "所在县市", "工作地点", "岗位要求", "福利待遇", "联系人", "联系电话", "截止日期"}
	b.span(len(heads), b.title, "2026年“春风行动”第一批招聘岗位信息汇总表（制造业）")
	b.span(len(heads), b.center, "填报单位：某某就业服务局　　填报时间：2026年11月20日")
	b.heads(heads...)
	no, posts := 0, 0
	for i, e := range es[:40] {
		no++
		from := b.row + 1
		for j, v := range e.posts {
			posts++
			row := []any{nil, nil, nil, both(v.post, i), headZh(v, i), payZh(v, i+j), nil, nil, v.post.needsZh, v.post.plusZh, nil, nil, deadline(v, i+j)}
			if j == 0 {
				row[0], row[1], row[2], row[6], row[7], row[10], row[11] = no, e.zh, e.ko, e.county.zh, e.placeZh, e.contact, phoneCell(e, i)
			}
			b.put(row...)
		}
		if len(e.posts) > 1 {
			for _, col := range []int{1, 2, 3, 7, 8, 11, 12} {
				b.merge(col, from, col, b.row)
			}
		}
	}
	b.put("合计", fmt.Sprintf("%d家", no), nil, fmt.Sprintf("%d个岗位", posts))

	b.open("음식점·커피점")
	heads = []string{"업종", "회사명", "企业名称", "직종", "岗位", "인원수", "로임", "지역", "근무지", "근무시간", "자격요건", "복리대우", "담당자", "련락처", "마감일"}
	b.span(len(heads), b.title, "인기 음식점·커피점 초빙일터 (网红餐厅·网红咖啡店招聘岗位)")
	b.put()
	b.heads(heads...)
	for i, e := range es[40:] {
		for j, v := range e.posts {
			b.put(e.trade.ko, e.ko, e.zh, v.post.ko, v.post.zh, headKo(v, i), payKo(v, i+j), e.county.ko, e.placeKo, v.post.hoursKo,
				v.post.needsKo, v.post.plusKo, e.contact, phoneCell(e, i+1), deadlineKo(v, i+j))
		}
	}
	b.explain()
	return b.bytes()
}

// secondWorkbook writes the second season: two sheets by halves, the first with ages and schooling in columns of their
// own and a header in two rows, the second bilingual in each cell.
func secondWorkbook(es []employer) ([]byte, error) {
	b := newBook()
	b.open("第一部分")
	zh := []string{"企业名称", "行业", "岗位名称", "需求人数", "最低工资(元)", "最高工资(元)", "年龄", "工作时间", "任职要求", "福利", "县（市）", "地址", "联系人", "联系方式", "有效期"}
	ko := []string{"회사명", "업종", "직종명", "모집인원", "최저로임", "최고로임", "년령", "근무시간", "자격조건", "복지", "현(시)", "주소", "담당자", "련락방식", "유효기한"}
	b.span(len(zh), b.title, "第二批招聘岗位信息（第一部分）")
	b.heads(zh...)
	b.heads(ko...)
	for i, e := range es[:45] {
		from := b.row + 1
		for j, v := range e.posts {
			low, high := any(v.low), any(v.high)
			if v.low == 0 {
				low, high = "面议", nil
			}
			if unit(v) != "" {
				low = fmt.Sprintf("%d%s", v.low, unit(v))
				if v.low == 0 {
					low = "面议"
				}
			}
			row := []any{nil, nil, both(v.post, i), headZh(v, i+j), low, high, fmt.Sprintf("%d-%d岁", v.post.agesFrom, v.post.agesTo),
				v.post.hoursZh, v.post.needsZh, v.post.plusZh, nil, nil, nil, nil, deadline(v, i+j)}
			if j == 0 {
				row[0], row[1], row[10], row[11], row[12], row[13] = e.zh+"\n"+e.ko, e.trade.zh+"/"+e.trade.ko, e.county.zh, e.placeZh, e.contact, phoneCell(e, i)
			}
			b.put(row...)
		}
		if len(e.posts) > 1 {
			for _, col := range []int{1, 2, 11, 12, 13, 14} {
				b.merge(col, from, col, b.row)
			}
		}
	}
	b.open("第二部分")
	b.span(11, b.title, "第二批招聘岗位信息（第二部分） 제2차 초빙일터정보 (2)")
	b.heads("No.", "单位/단위", "行业/업종", "工种/직종", "人数/인원", "薪资/로임", "地点/근무지", "要求/조건", "待遇/대우", "电话/전화", "截止/마감")
	for i, e := range es[45:] {
		name := e.zh + "/" + e.ko
		if i%9 == 4 {
			name = e.zh + " / " + e.ko
		}
		for j, v := range e.posts {
			b.put(i+1, name, e.trade.zh+"/"+e.trade.ko, v.post.zh+"/"+v.post.ko, headZh(v, i), payZh(v, i+j+2), e.county.zh+e.placeZh+"/"+e.county.ko+" "+e.placeKo,
				v.post.needsZh+"/"+v.post.needsKo, v.post.plusZh+"/"+v.post.plusKo, e.contact+" "+e.phone, deadline(v, i+j+1))
		}
	}
	b.put()
	b.put("合计 합계", nil, count(es))
	return b.bytes()
}

// both writes a post in both languages in one cell, and every fourth time in Chinese only.
func both(p post, i int) string {
	if i%4 == 3 {
		return p.zh
	}
	return p.zh + "/" + p.ko
}

func headZh(v vacancy, i int) any {
	switch {
	case v.head == 0:
		return "若干"
	case i%5 == 0:
		return fullWidth(fmt.Sprint(v.head)) + "名"
	case i%5 == 1:
		return fmt.Sprintf("%d人", v.head)
	}
	return v.head
}

func headKo(v vacancy, i int) any {
	switch {
	case v.head == 0:
		return "약간명"
	case i%3 == 0:
		return fmt.Sprintf("%d명", v.head)
	}
	return v.head
}

// daily tells whether a pay is for a day: the trades' tables hold nothing between an hour's and a month's else.
func daily(v vacancy) bool { return !v.post.hourly && v.low > 0 && v.low < 1000 }

func unit(v vacancy) string {
	switch {
	case v.post.hourly:
		return "元/小时"
	case daily(v):
		return "元/天"
	}
	return ""
}

func payZh(v vacancy, i int) any {
	if v.low == 0 {
		return []string{"面议", "工资面议", "面谈"}[i%3]
	}
	if u := unit(v); u != "" {
		if v.low == v.high || i%2 == 0 {
			return fmt.Sprintf("%d%s", v.low, u)
		}
		return fmt.Sprintf("%s%d-%d元", map[string]string{"元/小时": "时薪", "元/天": "日薪"}[u], v.low, v.high)
	}
	if v.low == v.high {
		return []any{v.low, fmt.Sprintf("%d元/月", v.low), fmt.Sprintf("月薪%d以上", v.low), fmt.Sprintf("%d+提成", v.low)}[i%4]
	}
	switch i % 6 {
	case 0:
		return fmt.Sprintf("%d～%d元/月", v.low, v.high)
	case 1:
		return fullWidth(fmt.Sprintf("%d-%d", v.low, v.high))
	case 2:
		if v.low*12%1000 == 0 && v.high*12%1000 == 0 {
			return fmt.Sprintf("%.1f-%.1f万/年", float64(v.low)*12/10000, float64(v.high)*12/10000)
		}
		return fmt.Sprintf("年薪%d-%d元", v.low*12, v.high*12)
	case 3:
		return fmt.Sprintf("%d至%d元", v.low, v.high)
	case 4:
		return fmt.Sprintf("%d,%03d-%d,%03d", v.low/1000, v.low%1000, v.high/1000, v.high%1000)
	}
	return fmt.Sprintf("%d-%d", v.low, v.high)
}

func payKo(v vacancy, i int) any {
	if v.low == 0 {
		return []string{"면담", "협의", "면의"}[i%3]
	}
	if v.post.hourly {
		return fmt.Sprintf("시급 %d원", v.low)
	}
	if v.low == v.high {
		return fmt.Sprintf("월 %d원 이상", v.low)
	}
	if i%2 == 0 {
		return fmt.Sprintf("월 %d~%d원", v.low, v.high)
	}
	return fmt.Sprintf("%d-%d", v.low, v.high)
}

func deadline(v vacancy, i int) any {
	if v.month == 0 {
		return []any{"长期", "招满为止", nil}[i%3]
	}
	switch i % 4 {
	case 0:
		return fmt.Sprintf("2026年%d月%d日", v.month, v.day)
	case 1:
		return fmt.Sprintf("2026.%d.%d", v.month, v.day)
	case 2:
		return fmt.Sprintf("2026-%02d-%02d", v.month, v.day)
	}
	return time.Date(2026, time.Month(v.month), v.day, 0, 0, 0, 0, time.UTC)
}

func deadlineKo(v vacancy, i int) any {
	if v.month == 0 {
		return []any{"상시", "채용시까지"}[i%2]
	}
	switch i % 3 {
	case 0:
		return fmt.Sprintf("%d월 %d일", v.month, v.day)
	case 1:
		return fmt.Sprintf("2026년 %d월 %d일", v.month, v.day)
	}
	return time.Date(2026, time.Month(v.month), v.day, 0, 0, 0, 0, time.UTC)
}

// phoneCell writes a number as staff do: as text, with full-width digits, or a mobile as a number.
func phoneCell(e employer, i int) any {
	switch {
	case i%6 == 2:
		return fullWidth(e.phone)
	case i%6 == 4 && len(e.phone) == 11:
		var n int64
		_, _ = fmt.Sscan(e.phone, &n)
		return n
	}
	return e.phone
}
