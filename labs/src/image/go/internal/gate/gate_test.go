package gate

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

func TestAnnounceReturnsWhenTheNewcomerWasTakenIn(t *testing.T) {
	path := t.TempDir() + "/gate.sock"
	want := Newcomer{"shop", "web", netip.MustParseAddr("10.244.0.5")}
	if Announce(path, want) == nil {
		t.Error("an agent that is not there was no error")
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var taken Newcomer
	go Serve(listener, func(n Newcomer) {
		time.Sleep(50 * time.Millisecond)
		taken = n
	})
	if err := Announce(path, want); err != nil || taken != want {
		t.Errorf("%v %v", taken, err)
	}
}
