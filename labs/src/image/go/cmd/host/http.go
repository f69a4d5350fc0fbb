package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// maxBody: most bytes of an answer that are handed on.
const maxBody = 1 << 20

type answer struct {
	Answered bool   `json:"answered"`
	Status   int    `json:"status"`
	Body     string `json:"body"`
	// Error: why there was no answer; see reason.
	Error string `json:"error,omitempty"`
}

type failure struct {
	AtMs   int64  `json:"atMs"`
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

type polled struct {
	Total int `json:"total"`
	// Failures: requests without an answer, or with a status of 400 or more; AtMs since the first request.
	Failures   []failure `json:"failures"`
	DurationMs int64     `json:"durationMs"`
}

// headerFlags collects --header K:V.
type headerFlags map[string]string

func (h headerFlags) String() string { return "" }
func (h headerFlags) Set(text string) error {
	key, value, found := strings.Cut(text, ":")
	if !found {
		return errors.New("a header is written K:V")
	}
	h[strings.TrimSpace(key)] = strings.TrimSpace(value)
	return nil
}

// client makes a connection for each request, as a new visitor does; no proxy, no redirect.
func client() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func get(url string, headers headerFlags, timeout time.Duration) answer {
	if timeout <= 0 {
		timeout = 3 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{Error: err.Error()}
	}
	request.Header.Set("User-Agent", "drydock")
	for key, value := range headers {
		if strings.EqualFold(key, "Host") {
			request.Host = value
		} else {
			request.Header.Set(key, value)
		}
	}
	response, err := client().Do(request)
	if err != nil {
		return answer{Error: reason(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return answer{Status: response.StatusCode, Error: reason(err)}
	}
	return answer{Answered: true, Status: response.StatusCode, Body: string(body)}
}

// reason names what befell a request in a word where there is one.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "cut off"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "unreachable"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return err.Error()
}

// socketOf: abstract, so that it leaves no file and lasts as long as the polling.
func socketOf(name string) string { return "@drydock-poll-" + name }

// poll asks again and again until somebody calls stop with its name, or `within` is over.
func poll(name, url string, timeout, every, within time.Duration) (polled, error) {
	if name == "" {
		return polled{}, errUsage
	}
	listener, err := net.Listen("unix", socketOf(name))
	if err != nil {
		return polled{}, err
	}
	defer listener.Close()
	stopped := make(chan struct{})
	go func() {
		if connection, err := listener.Accept(); err == nil {
			connection.Close()
		}
		close(stopped)
	}()
	began := time.Now()
	result := polled{Failures: []failure{}}
	for time.Since(began) < within {
		at := time.Since(began)
		got := get(url, nil, timeout)
		result.Total++
		if !got.Answered || got.Status >= http.StatusBadRequest {
			result.Failures = append(result.Failures, failure{AtMs: at.Milliseconds(), Status: got.Status, Error: got.Error})
		}
		result.DurationMs = at.Milliseconds()
		select {
		case <-stopped:
			return result, nil
		case <-time.After(every):
		}
	}
	return result, nil
}

func stopPoll(name string) error {
	connection, err := net.DialTimeout("unix", socketOf(name), time.Second)
	if err != nil {
		return fmt.Errorf("nothing polls under the name %s: %w", name, err)
	}
	return connection.Close()
}
