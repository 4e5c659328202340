package store

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleStaff      Role = "staff"      // prepare and queue
	RoleApprover   Role = "approver"   // approve what somebody else queued
	RoleSupervisor Role = "supervisor" // read everything, decide unknowns, end sessions
	RoleAdmin      Role = "admin"      // people, accounts, settings
)
