package privacy

import "testing"

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []string
		want   Class
	}{
		{"id_number", nil, ResidentID},
		{"证件号码", nil, ResidentID},
		{"xm", nil, Name},
		{"姓名", []string{"王一", "李二"}, Name},
		{"联系电话", nil, Phone},
		{"mobile_phone", nil, Phone},
		{"家庭住址", nil, Address},
		{"EMail", nil, Email},
		{"street_code", []string{"0101", "0102"}, None},
		{"test_time", []string{"2026-11-01 10:00:00"}, Health},
		{"体温", nil, Health},
		{"template", nil, None},
		{"birth_date", nil, Other},
		{"filename", nil, None},
		{"x", []string{"10054584206", "100-8207-6163", "+86 10074906100"}, Phone},
		{"x", []string{"10054584206", "5", "7"}, None},
		{"x", []string{"99010119900101006X", "990101199001010070"}, None}, // the second has a wrong check character
		{"x", []string{"99010119900101006X"}, ResidentID},
		{"x", []string{"4000000000000002", "4000000000000010"}, BankCard},
		{"x", []string{"4000000000000003"}, None},
		{"x", []string{"a@example.org", "b.c@example.com"}, Email},
		{"x", []string{"青浦湾区花溪街道科技大道2770弄360号1001室"}, Address},
	} {
		if got := Detect(c.name, c.values); got != c.want {
			t.Errorf("column %s with %d values: %q, want %q", c.name, len(c.values), got, c.want)
		}
	}
}
