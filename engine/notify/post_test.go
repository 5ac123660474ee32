package notify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// quick tries three times without waiting long.
var quick = Sender{Waits: []time.Duration{time.Millisecond, time.Millisecond}, Agent: "crosscheck/test"}

// server answers its n-th request with the n-th code, the last one for ever.
func server(t *testing.T, codes ...int) (address string, bodies *[]string) {
	t.Helper()
	var got []string
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("User-Agent") != "crosscheck/test" {
			t.Errorf("%s with headers %v, %v", r.Method, r.Header, err)
		}
		got = append(got, string(body))
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(codes[min(int(n.Add(1)), len(codes))-1])
	}))
	t.Cleanup(s.Close)
	return s.URL + "/hook/secret?token=secret", &got
}

func TestPost(t *testing.T) {
	for _, c := range []struct {
		codes []int
		tries int
		fails string
	}{
		{[]int{200}, 1, ""},
		{[]int{204}, 1, ""},
		{[]int{500, 429, 202}, 3, ""},
		{[]int{503}, 3, "the answer is 503 Service Unavailable"},
		{[]int{404}, 1, "the answer is 404 Not Found"},
		{[]int{307}, 1, "the answer is 307 Temporary Redirect"},
	} {
		address, bodies := server(t, c.codes...)
		err := quick.Post(t.Context(), address, []byte(`{"a":1}`))
		if len(*bodies) != c.tries || (*bodies)[0] != `{"a":1}` || (*bodies)[c.tries-1] != `{"a":1}` {
			t.Errorf("%v: the server got %q, want %d", c.codes, *bodies, c.tries)
		}
		if (err == nil) != (c.fails == "") || err != nil && !strings.HasSuffix(err.Error(), c.fails) {
			t.Errorf("%v: %v, want %q", c.codes, err, c.fails)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || !strings.HasPrefix(err.Error(), "http://127.0.0.1:")) {
			t.Errorf("%v: the error is %q", c.codes, err)
		}
	}
}

// TestSecret holds that no error shows more of an address than its host.
func TestSecret(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	hasty := Sender{Timeout: 20 * time.Millisecond, Waits: []time.Duration{}}
	for _, address := range []string{
		gone.URL + "/secret", strings.Replace(gone.URL, "//", "//user:secret@", 1), slow.URL + "/secret",
		"secret", "ftp://host/secret", "https:///secret", "http://host\x7f/secret", ":secret", "http://[::1/secret",
	} {
		err := hasty.Post(t.Context(), address, nil)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("the error is %v", err)
		}
		if strings.Contains(Place(address), "secret") {
			t.Errorf("the place is %q", Place(address))
		}
	}
}

// TestPostEnds holds that a run that is over does not wait for further tries.
func TestPostEnds(t *testing.T) {
	address, bodies := server(t, 500)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	patient := Sender{Waits: []time.Duration{time.Hour}, Agent: "crosscheck/test"}
	if err := patient.Post(ctx, address, nil); err == nil || len(*bodies) != 1 {
		t.Errorf("%v after %d tries", err, len(*bodies))
	}
}
