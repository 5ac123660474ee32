package record

import (
	"slices"
	"strings"
	"testing"
)

// TestInfer lists what columns hold, a text a level with values between spaces, and what they are taken for.
func TestInfer(t *testing.T) {
	for _, c := range []struct {
		what, name, tolerance string
		levels                []string
		want                  Type
	}{
		{"truth values", "ok", "", []string{"true FALSE", "True"}, Bool},
		{"truth values and a number", "ok", "", []string{"true", "1"}, String},
		{"days", "day", "", []string{"2026-01-05", "2026/1/5 2026-1-5 2026/01/05"}, Date},
		{"days on one level, nothing on the other", "day", "", []string{"2026-01-05", ""}, Date},
		{"no such day", "day", "", []string{"2026-01-05 2026-02-30"}, String},
		{"days of eight digits", "day", "", []string{"20260105"}, String},
		{"days with points", "day", "", []string{"2026.1.5"}, String},
		{"days and two signs", "day", "", []string{"2026-1/5"}, String},
		{"days the other way round", "day", "", []string{"05/01/2026"}, String},
		{"days called after a code", "code", "", []string{"2026-01-05"}, Date},
		{"nine of ten days", "day", "", []string{strings.Repeat("2026-01-05 ", 9) + "soon"}, String},
		{"times", "at", "", []string{"2026-01-05T10:00 2026/1/5T9:05:00.5", "2026-01-05T10:00:00+08:00"}, Timestamp},
		{"days and a time", "at", "", []string{"2026-01-05", "2026-01-05T00:00"}, Timestamp},
		{"times of the day", "at", "", []string{"10:00:00"}, String},
		{"days and numbers", "day", "", []string{"2026-01-05 1.5"}, String},
		{"fractions", "temp", "", []string{"36.5 -0.10 +7", "0"}, Decimal},
		{"fractions on one level", "temp", "", []string{"37", "37.0"}, Decimal},
		{"whole numbers", "doses", "", []string{"1 2", "2"}, String},
		{"a needless zero", "temp", "", []string{"36.5 036.5"}, String},
		{"an area code among fractions", "temp", "", []string{"36.5 0731"}, String},
		{"no digit before the point", "temp", "", []string{"36.5 .5"}, String},
		{"no digit behind the point", "temp", "", []string{"36.5 36."}, String},
		{"an exponent", "temp", "", []string{"36.5 1e3"}, String},
		{"a thousands separator", "temp", "", []string{"36.5 1,000.5"}, String},
		{"a unit", "temp", "", []string{"36.5 36.5℃"}, String},
		{"two points", "temp", "", []string{"1.1 1.1.0"}, String},
		{"full-width digits", "temp", "", []string{"36.5 ３６．５"}, String},
		{"a placeholder", "temp", "", []string{"36.5 n/a"}, String},
		{"a word for null", "temp", "", []string{"36.5 NULL", "NULL"}, Decimal},
		{"versions", "version", "", []string{"1.10", "1.1"}, String},
		{"codes", "icd_code", "", []string{"250.10"}, String},
		{"telephone numbers", "phone", "", []string{"0731.88"}, String},
		{"words for null alone", "temp", "", []string{"NULL"}, String},
		{"nothing", "temp", "", []string{"", ""}, String},
		{"whole numbers that are measured", "doses", "1", []string{"1 2", "2"}, Decimal},
		{"numbers of any form that are measured", "code", "5%", []string{"1e3 007", ".5"}, Decimal},
		{"nine of ten numbers", "temp", "0.5", []string{strings.Repeat("36.5 ", 9) + "n/a", "36"}, Decimal},
		{"eight of nine numbers", "temp", "0.5", []string{strings.Repeat("36.5 ", 8) + "n/a", "36"}, String},
		{"days that are measured", "day", "2", []string{"2026-01-05", "2026/1/6"}, Date},
		{"days that are measured in parts", "day", "0.5", []string{"2026-01-05"}, String},
		{"times that are measured", "at", "1s", []string{"2026-01-05T10:00 2026-01-05"}, Timestamp},
		{"times in numbers", "at", "1", []string{"2026-01-05T10:00"}, String},
		{"numbers in seconds", "temp", "1s", []string{"36.5"}, String},
		{"nothing that is measured", "temp", "1", []string{"", ""}, Decimal},
		{"nothing that is measured in seconds", "at", "1s", []string{""}, Timestamp},
	} {
		var samples []Sample
		for _, values := range c.levels {
			var s Sample
			s.Take(build(t, text, append(strings.Split(values, " "), "", " ")...), 100, []string{"NULL"})
			samples = append(samples, s)
		}
		var tolerance Tolerance
		if c.tolerance != "" {
			var err error
			if tolerance, err = ParseTolerance(c.tolerance, Auto); err != nil {
				t.Fatal(err)
			}
		}
		if got := Infer(c.name, tolerance, samples); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		slices.Reverse(samples)
		if got := Infer(c.name, tolerance, samples); got != c.want {
			t.Errorf("%s, levels in the other order: %s, want %s", c.what, got, c.want)
		}
	}
}

// TestIsCode lists names of columns of codes, and of others that look alike.
func TestIsCode(t *testing.T) {
	for _, name := range []string{"id", "ID", "resident_id", "residentId", "OrderNo", "ORDER-NO", "zip", "zipcode", "area code", "code2", "version", "app_version",
		"ver", "icd10", "serial.number", "型号", "编号", "疾病编码", "街道代码", "软件版本", "序列"} {
		if !IsCode(name) {
			t.Errorf("%s is none", name)
		}
	}
	for _, name := range []string{"paid", "uric_acid", "covid", "note", "amount", "body_temp", "verified", "revenue", "idle_time", "体温", "金额", "f0", ""} {
		if IsCode(name) {
			t.Errorf("%s is one", name)
		}
	}
}
