import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// Who goes to a target, and which account is whose.
    static let assignments: [AdminOperation] =
        [
            AdminOperation(
                .get, "/targets/{name}/assignments", "listAssignments", .assignments, "Lists who was assigned to a target",
                query: [.after, .limit],
                successes: [Success(status: 200, schema: .assignmentList, meaning: "One page of assignments")], errors: [404],
                act: { call in
                    let found = try await call.provisioner.assignments(
                        to: call["name"], in: call.tenant, after: try call.subjectBefore(), limit: try call.limit() + 1)
                    return try call.page(found, \.document, next: { $0.subject.cursor })
                })
        ] + AssignedKind.allCases.flatMap(assignments(of:)) + [
            AdminOperation(
                .put, "/targets/{name}/accounts/{user}", "adoptAccount", .assignments,
                "Ties a person to an account that is there, after somebody decided that it is theirs",
                body: Message(schema: .adoption),
                successes: [Success(status: 200, schema: .adoptedAccount, meaning: "The person is tied to the account")],
                errors: [404, 409],
                act: { call in
                    let remoteID = try call.message("remoteID").required("remoteID")
                    let user = try await call.provisioner.person(call["user"], in: call.tenant)
                    try await call.provisioner.adopt(remoteID, for: user, at: call["name"], by: call.actor)
                    return AdminAnswer(["user": .string(user.id), "remoteID": .string(remoteID)])
                })
        ]

    /// Assigning and unassigning one person, or all members of one group.
    private static func assignments(of kind: AssignedKind) -> [AdminOperation] {
        let path: AdminPath =
            switch kind {
            case .users: "/targets/{name}/assignments/users/{subject}"
            case .groups: "/targets/{name}/assignments/groups/{subject}"
            }
        return [
            AdminOperation(
                .put, path, kind == .users ? "assignUser" : "assignGroup", .assignments,
                "Sends \(kind.subject) to a target, and into groups there", body: Message(schema: .assignmentRequest, isOptional: true),
                successes: [Success(status: 204, schema: nil, meaning: "It is assigned")], errors: [404, 409],
                act: { call in
                    let groups = try call.message("groups").texts("groups")
                    let subject = try await call.subject(kind)
                    try await call.provisioner.assign(subject, to: call["name"], groups: groups, by: call.actor)
                    return AdminAnswer(nil)
                }),
            AdminOperation(
                .delete, path, kind == .users ? "unassignUser" : "unassignGroup", .assignments,
                "Takes the assignment of \(kind.subject) back",
                successes: [Success(status: 204, schema: nil, meaning: "It is taken back")], errors: [404, 409],
                act: { call in
                    let subject = try await call.provisioner.subject(
                        call["subject"], ofType: kind.type, knownAt: call["name"], in: call.tenant)
                    try await call.provisioner.unassign(subject, from: call["name"], by: call.actor)
                    return AdminAnswer(nil)
                }),
        ]
    }
}

/// Whom an assignment is about, as it stands in paths.
enum AssignedKind: String, Sendable, CaseIterable {
    case users, groups

    /// For a person.
    fileprivate var subject: String { self == .users ? "a person" : "all members of a group" }

    /// The kind of a resource type.
    fileprivate init(type: String) { self = type == ResourceType.group.name ? .groups : .users }

    fileprivate var type: String { self == .users ? ResourceType.user.name : ResourceType.group.name }
}

extension AdminCall {
    /// The person or group that the path names by id, userName or displayName.
    fileprivate func subject(_ kind: AssignedKind) async throws -> ResourceKey {
        switch kind {
        case .users: try await provisioner.person(self["subject"], in: tenant)
        case .groups: try await provisioner.group(self["subject"], in: tenant)
        }
    }

    /// Behind whom a page of assignments begins; nil for the first.
    fileprivate func subjectBefore() throws(SCIMError) -> ResourceKey? {
        guard let text = parameter(.after) else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let kind = AssignedKind(rawValue: String(parts[0])) else {
            throw .invalidValue("after: the 'next' of the page before is wanted")
        }
        return ResourceKey(tenant: tenant, type: kind.type, id: String(parts[1]))
    }
}

extension ResourceKey {
    /// What a page that begins behind it is asked for with.
    fileprivate var cursor: String { "\(AssignedKind(type: type).rawValue)/\(id)" }
}

extension TargetAssignment {
    /// The assignment as JSON.
    fileprivate var document: AttributeValue {
        [
            "kind": .string(AssignedKind(type: subject.type).rawValue), "id": .string(subject.id),
            "groups": .array(groups.map { .string($0) }),
        ]
    }
}
