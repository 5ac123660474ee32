package nearest

import "testing"

func TestName(t *testing.T) {
	names := []string{"id_number", "Name", "birth_date", "test_time"}
	for word, want := range map[string]string{
		"id_nubmer": "id_number", "name": "Name", "birthdate": "birth_date", "tset_time": "test_time", "salary": "", "": "",
	} {
		if got := Name(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "ab", 2}, {"ab", "ab", 0}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"姓名", "名姓", 1}, {"abc", "axc", 1},
	} {
		if got := edits(c.a, c.b); got != c.want {
			t.Errorf("%q, %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
