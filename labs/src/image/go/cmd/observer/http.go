package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// maxBody: most bytes of an answer that are handed on.
const maxBody = 1 << 20

// visit is one HTTP request, and from where it is made.
type visit struct {
	URL string `json:"url"`
	// Container in whose network the request is made; the node's own where it is empty.
	Container string            `json:"container"`
	Headers   map[string]string `json:"headers"`
	TimeoutMs int64             `json:"timeoutMs"`
}

type answer struct {
	Answered bool   `json:"answered"`
	Status   int    `json:"status"`
	Body     string `json:"body"`
	// Error: why there was no answer; see reason.
	Error string `json:"error,omitempty"`
	// ServedFrom: the address and port from which the answer came. For a Service's address that of the
	// pod behind it, as the kernel's connection tracking knows it.
	ServedFrom string `json:"servedFrom,omitempty"`
	// ServedBy: for a request in a container's network, the containers whose processes listen on the
	// port there; "node" for a process that is in none.
	ServedBy []string `json:"servedBy,omitempty"`
}

// client makes a connection for each request, as a new visitor does; no proxy, no redirect. A
// kubelet does not look at a certificate either (pkg/probe/http).
//
// servedFrom is set to the far end of its connection.
func client(namespace string, servedFrom *string) *http.Client {
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		return inNetwork(namespace, func() (net.Conn, error) {
			connection, err := new(net.Dialer).DialContext(ctx, network, address)
			if err == nil {
				*servedFrom = farEnd(connection)
			}
			return connection, err
		})
	}
	return &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       dial,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// checkAddress refuses names: resolving one is up to settings of a host, and takes the request out
// of the network that is meant.
func checkAddress(host string) error {
	if _, err := netip.ParseAddr(host); err != nil {
		return fmt.Errorf("%w: %q is no IP address; ask for a Service or a pod by its address", errUsage, host)
	}
	return nil
}

func (n node) get(ctx context.Context, asked visit) (answer, error) {
	target, err := url.Parse(asked.URL)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	if err := checkAddress(target.Hostname()); err != nil {
		return answer{}, err
	}
	namespace, err := n.networkOf(asked.Container)
	if err != nil {
		return answer{}, err
	}
	result, err := request(ctx, namespace, asked)
	if err != nil || asked.Container == "" {
		return result, err
	}
	port, _ := strconv.Atoi(target.Port())
	if port == 0 {
		port = map[string]int{"http": 80, "https": 443}[target.Scheme]
	}
	result.ServedBy, err = n.listenersOn(asked.Container, port)
	return result, err
}

// request makes one request in a network. An error is one of the caller's; what befalls the request
// is part of the answer.
func request(ctx context.Context, namespace string, asked visit) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, milliseconds(asked.TimeoutMs, 3*time.Second))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, asked.URL, nil)
	if err != nil {
		return answer{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	request.Header.Set("User-Agent", "drydock")
	for key, value := range asked.Headers {
		if strings.EqualFold(key, "Host") {
			request.Host = value
		} else {
			request.Header.Set(key, value)
		}
	}
	var servedFrom string
	response, err := client(namespace, &servedFrom).Do(request)
	if err != nil {
		if errors.Is(err, errGone) {
			return answer{}, err
		}
		return answer{Error: reason(err)}, nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return answer{Status: response.StatusCode, Error: reason(err)}, nil
	}
	return answer{Answered: true, Status: response.StatusCode, Body: string(body), ServedFrom: servedFrom}, nil
}

// farEnd is the address that really answers on a connection: rules of a node (those of Services
// among them) may lead it elsewhere than it was sent to. It is called in the connection's network.
func farEnd(connection net.Conn) string {
	local, remote := connection.LocalAddr().(*net.TCPAddr), connection.RemoteAddr().(*net.TCPAddr)
	family := netlink.InetFamily(unix.AF_INET)
	if remote.IP.To4() == nil {
		family = unix.AF_INET6
	}
	flows, err := netlink.ConntrackTableList(netlink.ConntrackTable, family)
	if err != nil {
		return remote.String()
	}
	for _, flow := range flows {
		sent, back := flow.Forward, flow.Reverse
		if sent.Protocol == unix.IPPROTO_TCP && int(sent.SrcPort) == local.Port && int(sent.DstPort) == remote.Port &&
			sent.SrcIP.Equal(local.IP) && sent.DstIP.Equal(remote.IP) {
			return net.JoinHostPort(back.SrcIP.String(), strconv.Itoa(int(back.SrcPort)))
		}
	}
	return remote.String()
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

type connection struct {
	Connected bool   `json:"connected"`
	Error     string `json:"error,omitempty"`
}

// connect tries a TCP connection to an address (IP:PORT) out of a container's network, or the
// node's own.
func (n node) connect(ctx context.Context, container, address string, timeout time.Duration) (connection, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return connection{}, fmt.Errorf("%w: %w", errUsage, err)
	}
	if err := checkAddress(host); err != nil {
		return connection{}, err
	}
	namespace, err := n.networkOf(container)
	if err != nil {
		return connection{}, err
	}
	return inNetwork(namespace, func() (connection, error) {
		opened, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", address)
		if err != nil {
			return connection{Error: reason(err)}, nil
		}
		opened.Close()
		return connection{Connected: true}, nil
	})
}

type failure struct {
	// AtMs since polling began.
	AtMs   int64  `json:"atMs"`
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

type polled struct {
	Total int `json:"total"`
	// Failures: requests without an answer, or with a status of 400 or more.
	Failures   []failure `json:"failures"`
	DurationMs int64     `json:"durationMs"`
	// ServedFrom: how many answers came from each address.
	ServedFrom map[string]int `json:"servedFrom"`
}

// failed tells how a visitor sees an answer.
func (a answer) failed() bool { return !a.Answered || a.Status >= http.StatusBadRequest }

// poll asks again and again until ctx is done or `within` is over.
func (n node) poll(ctx context.Context, asked visit, every, within time.Duration) (polled, error) {
	began := time.Now()
	result := polled{Failures: []failure{}, ServedFrom: map[string]int{}}
	for time.Since(began) < within {
		at := time.Since(began)
		// A request that is under way when polling ends is judged as well.
		got, err := n.get(context.WithoutCancel(ctx), asked)
		if err != nil {
			return result, err
		}
		result.Total++
		if got.ServedFrom != "" {
			result.ServedFrom[got.ServedFrom]++
		}
		if got.failed() {
			result.Failures = append(result.Failures, failure{at.Milliseconds(), got.Status, got.Error})
		}
		result.DurationMs = at.Milliseconds()
		select {
		case <-ctx.Done():
			return result, nil
		case <-time.After(every):
		}
	}
	return result, nil
}

// milliseconds as a duration; `otherwise` for none.
func milliseconds(count int64, otherwise time.Duration) time.Duration {
	if count <= 0 {
		return otherwise
	}
	return time.Duration(count) * time.Millisecond
}
