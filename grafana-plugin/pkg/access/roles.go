// Package access says who may do what.
package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// Role of a user in a Grafana organisation. None may do nothing.
type Role int

const (
	None Role = iota
	Viewer
	Editor
	Admin
)

var roleNames = []string{"None", "Viewer", "Editor", "Admin"}

func (role Role) String() string { return roleNames[role] }

// RoleOf a user; nobody (nil) and roles that are not known have None.
func RoleOf(user *backend.User) Role {
	if user == nil {
		return None
	}
	return max(None, Role(slices.Index(roleNames, user.Role)))
}

// Activity is a kind of thing that users do.
type Activity string

const (
	// Query of flows, metrics and history, and what query editors need.
	Query Activity = "query"
	// Packets: their list, details and downloads.
	Packets Activity = "packets"
	// Capture: start and stop.
	Capture Activity = "capture"
	// Settings of the collector.
	Settings Activity = "settings"
)

// Minimums is the least role of each activity.
type Minimums map[Activity]Role

func defaults() Minimums {
	return Minimums{Query: Viewer, Packets: Editor, Capture: Editor, Settings: Admin}
}

// NewMinimums raises the least roles; none can be lowered.
func NewMinimums(raised map[string]string) (Minimums, error) {
	minimums := defaults()
	for name, text := range raised {
		least, known := minimums[Activity(name)]
		if !known {
			return nil, fmt.Errorf("minimumRoles: %q is no activity; expected query, packets, capture or settings", name)
		}
		role := Role(slices.Index(roleNames, text))
		if role < least {
			return nil, fmt.Errorf("minimumRoles.%s is %q; expected %s", name, text, strings.Join(roleNames[least:], " or "))
		}
		minimums[Activity(name)] = role
	}
	return minimums, nil
}

// Permit says why user may not do activity; nil: may.
func (minimums Minimums) Permit(user *backend.User, activity Activity) error {
	needed, known := minimums[activity]
	if role := RoleOf(user); !known || role < needed {
		who := "nobody is signed in"
		if user != nil {
			who = fmt.Sprintf("%s has %s", user.Login, user.Role)
		}
		return fmt.Errorf("this needs the role %s in Grafana; %s", needed, who)
	}
	return nil
}
