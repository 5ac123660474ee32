package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Sender posts documents.
type Sender struct {
	Timeout time.Duration   // of one try; default 10 s
	Waits   []time.Duration // before each further try; default half a second and two seconds
	Agent   string          // User-Agent
}

var defaultWaits = []time.Duration{500 * time.Millisecond, 2 * time.Second}

// CheckURL says what is wrong with an address, without showing it.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return errors.New("this is no URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the URL must begin with https:// or http://")
	case u.Hostname() == "":
		return errors.New("the URL names no host")
	}
	return nil
}

// Place gives what may be shown of an address: its scheme and host.
func Place(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "an address that is no URL"
	}
	return u.Scheme + "://" + u.Host
}

// Post sends a JSON document to an address until it is accepted. It tries again after a fault of the network, an answer of 429 or 5xx, and
// gives up at any other. User name and password in the address are sent as basic authentication.
func (s *Sender) Post(ctx context.Context, address string, document []byte) error {
	if err := CheckURL(address); err != nil {
		return err
	}
	waits := s.Waits
	if waits == nil {
		waits = defaultWaits
	}
	var err error
	for try := 0; ; try++ {
		var again bool
		if again, err = s.try(ctx, address, document); err == nil || !again || try == len(waits) {
			break
		}
		select {
		case <-time.After(waits[try]):
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", Place(address), ctx.Err())
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", Place(address), err)
	}
	return nil
}

// try sends a document once and says whether another try may help.
func (s *Sender) try(ctx context.Context, address string, document []byte) (again bool, err error) {
	timeout := s.Timeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(document))
	if err != nil {
		return false, errors.New("this is no URL")
	}
	request.Header.Set("Content-Type", "application/json")
	if s.Agent != "" {
		request.Header.Set("User-Agent", s.Agent)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		if of, ok := errors.AsType[*url.Error](err); ok {
			err = of.Err // without the address
		}
		return true, err
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // what it says does not matter, and may repeat what was sent
	switch code := answer.StatusCode; {
	case code >= 200 && code < 300:
		return false, nil
	case code == http.StatusTooManyRequests || code >= 500:
		return true, fmt.Errorf("the answer is %d %s", code, http.StatusText(code))
	default:
		return false, fmt.Errorf("the answer is %d %s", code, http.StatusText(code))
	}
}
