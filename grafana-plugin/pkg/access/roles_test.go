package access_test

import (
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"wireglass/grafana-plugin/pkg/access"
)

func TestRoleOfReadsGrafanasNamesAndTrustsNoOther(t *testing.T) {
	for name, want := range map[string]access.Role{
		"Admin": access.Admin, "Editor": access.Editor, "Viewer": access.Viewer,
		"None": access.None, "": access.None, "admin": access.None, "Grafana Admin": access.None,
	} {
		if got := access.RoleOf(&backend.User{Role: name}); got != want {
			t.Errorf("role %q: %v, want %v", name, got, want)
		}
	}
	if got := access.RoleOf(nil); got != access.None {
		t.Errorf("no user: %v, want None", got)
	}
}

func TestMinimumsAreRaisedAndNeverLowered(t *testing.T) {
	raised, err := access.NewMinimums(map[string]string{"query": "Editor", "packets": "Admin"})
	if err != nil {
		t.Fatal(err)
	}
	viewer, editor := &backend.User{Login: "v", Role: "Viewer"}, &backend.User{Login: "e", Role: "Editor"}
	if raised.Permit(viewer, access.Query) == nil || raised.Permit(editor, access.Packets) == nil {
		t.Error("a raised minimum let a lower role in")
	}
	if err := raised.Permit(editor, access.Query); err != nil {
		t.Error(err)
	}
	for want, given := range map[string]map[string]string{
		`minimumRoles.packets is "Viewer"; expected Editor or Admin`:   {"packets": "Viewer"},
		`minimumRoles.query is "None"; expected Viewer`:                {"query": "None"},
		`minimumRoles.settings is "admin"; expected Admin`:             {"settings": "admin"},
		`minimumRoles: "pakets" is no activity; expected query, packe`: {"pakets": "Admin"},
	} {
		if _, err := access.NewMinimums(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", given, err, want)
		}
	}
}

func TestPermitDeniesWhatNobodyNamed(t *testing.T) {
	minimums, _ := access.NewMinimums(nil)
	if minimums.Permit(&backend.User{Role: "Admin"}, "other") == nil {
		t.Error("an unknown activity was permitted")
	}
	err := minimums.Permit(&backend.User{Login: "vera", Role: "Viewer"}, access.Capture)
	if err == nil || err.Error() != "this needs the role Editor in Grafana; vera has Viewer" {
		t.Error(err)
	}
	err = minimums.Permit(nil, access.Query)
	if err == nil || err.Error() != "this needs the role Viewer in Grafana; nobody is signed in" {
		t.Error(err)
	}
}
