package main

import (
	"context"
	"time"

	"github.com/coreos/go-systemd/v22/dbus"
)

// unit as `systemctl show` names it.
type unit struct {
	Load    string `json:"load"`
	Active  string `json:"active"`
	Sub     string `json:"sub"`
	Enabled string `json:"enabled"`
}

// unitState asks systemd itself, over its private socket.
func unitState(name string) (unit, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	systemd, err := dbus.NewSystemdConnectionContext(ctx)
	if err != nil {
		return unit{}, err
	}
	defer systemd.Close()
	properties, err := systemd.GetUnitPropertiesContext(ctx, name)
	if err != nil {
		return unit{}, err
	}
	text := func(key string) string { value, _ := properties[key].(string); return value }
	return unit{Load: text("LoadState"), Active: text("ActiveState"), Sub: text("SubState"), Enabled: text("UnitFileState")}, nil
}
