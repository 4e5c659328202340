package intake

import (
	"fmt"
	"testing"

	"chunfeng/examples"

	"github.com/xuri/excelize/v2"
)

// large is a workbook of 5,000 rows and 50,000 cells, with merged employers.
func large(b *testing.B) []byte {
	rows := [][]any{{"企业名称", "岗位", "人数", "工资", "县市", "工作地点", "要求", "福利", "电话", "截止日期"}}
	for i := range 5000 {
		rows = append(rows, []any{
			fmt.Sprintf("云朵石磨%d号食品有限公司", i/2), fmt.Sprintf("操作工%d/조작공%d", i, i), i%20 + 1, fmt.Sprintf("%d～%d元/月", 3000+i, 4000+i), "延吉市",
			fmt.Sprintf("光明街%d号", i), "身体健康", "包吃住", fmt.Sprintf("139%08d", i), "2026年12月31日",
		})
	}
	return sheetOf(b, rows, func(f *excelize.File) {
		for i := 2; i < 5000; i += 2 {
			if err := f.MergeCell("Sheet1", fmt.Sprintf("A%d", i), fmt.Sprintf("A%d", i+1)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkReadBatch(b *testing.B) {
	for _, c := range []struct {
		name string
		data []byte
	}{{"50000-cells", large(b)}, {"shipped", shipped(b, examples.Batch1)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadBatch("a.xlsx", c.data, today()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReadGroups(b *testing.B) {
	data := shipped(b, examples.Registry)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadGroups("r.csv", data, today()); err != nil {
			b.Fatal(err)
		}
	}
}
