package store

import "slices"

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleStaff      Role = "staff"      // prepare and queue
	RoleApprover   Role = "approver"   // approve what somebody else queued
	RoleSupervisor Role = "supervisor" // read everything, decide unknowns, end sessions
	RoleAdmin      Role = "admin"      // people, accounts, settings
)

// Roles lists them in the order in which they are offered.
func Roles() []Role { return []Role{RoleStaff, RoleApprover, RoleSupervisor, RoleAdmin} }

func (r Role) known() bool { return slices.Contains(Roles(), r) }
