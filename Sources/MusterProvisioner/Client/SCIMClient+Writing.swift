import MusterCore
import SCIM
import Synchronization

extension SCIMClient {
    /// Carries out one planned operation: sends the request as it was planned, and where the target cannot do this, what comes to
    /// the same.
    /// - Parameter id: The account's or group's id; nil for a creation.
    /// - Throws: ``TargetError``.
    package func perform(_ operation: PlannedOperation, id: String?) async throws -> OperationResult {
        switch operation.kind {
        case .createUser, .createGroup: try await create(operation)
        case .updateUser, .deactivateUser: try await write(operation)
        case .deleteUser: try await delete(operation)
        case .addToGroup, .removeFromGroup: try await changeMembers(operation)
        }
    }

    // MARK: Creating

    private func create(_ operation: PlannedOperation) async throws -> OperationResult {
        let (answer, sent): (OutboundResponse, SentRequest)
        do { (answer, sent) = try await send(operation.method, operation.path, operation.body) } catch {
            // It may have been made all the same, or be there already: what is remembered does not know of it.
            learnt.withLock { $0.accounts = nil }
            throw error
        }
        if let made = answer.json.flatMap({ RemoteResource($0) }) {
            if operation.kind == .createUser { remember(made) }
            return OperationResult(remoteID: made.id, requests: [sent])
        }
        // A 201 without a body names it in Location (RFC 7644 §3.3), or has to be looked for.
        if let id = answer.headers.first(where: { $0.name.lowercased() == "location" })?.value.lastPathSegment, !id.isEmpty {
            return OperationResult(remoteID: id, requests: [sent])
        }
        let endpoint = operation.kind == .createUser ? "Users" : "Groups"
        let attributes = operation.kind == .createUser ? definition.matching : ["displayName"]
        learnt.withLock { $0.accounts = nil }
        for attribute in attributes {
            guard let value = operation.body?.text(at: attribute) else { continue }
            let found = try await find(endpoint, attribute: attribute, value: value)
            if found.count == 1 { return OperationResult(remoteID: found[0].id, requests: [sent]) }
        }
        throw TargetError(
            .invalidAnswer, "it made a resource, but tells no id, and no look-up finds it", status: answer.status,
            request: "\(operation.method) \(operation.path)")
    }

    // MARK: Writing

    private func write(_ operation: PlannedOperation) async throws -> OperationResult {
        let id = operation.remoteID ?? ""
        let dialect = dialect
        if operation.method == "PUT", !dialect.put { return try await patch(operation, id) }
        if operation.method == "PATCH", !dialect.patch { return try await merge(operation, id) }
        do {
            let (answer, sent) = try await send(operation.method, operation.path, operation.body)
            if let document = answer.json, let account = RemoteResource(document) { remember(account) }
            return OperationResult(remoteID: id, requests: [sent])
        } catch let error as TargetError where error.code == .unsupported {
            if operation.method == "PUT" {
                learn { $0.put = false }
                return try await patch(operation, id)
            }
            learn { $0.patch = false }
            return try await merge(operation, id)
        }
    }

    /// PATCH in the place of a PUT that the target does not know.
    private func patch(_ operation: PlannedOperation, _ id: String) async throws -> OperationResult {
        guard let body = operation.body else { return OperationResult(remoteID: id, requests: []) }
        let patch = PlannedOperation.patchBody(body, previous: nil, dialect: dialect)
        return OperationResult(remoteID: id, requests: [try await send("PATCH", operation.path, patch).sent])
    }

    /// Reads the account, changes what a PATCH would, and puts everything: a PUT may clear what it leaves out.
    private func merge(_ operation: PlannedOperation, _ id: String) async throws -> OperationResult {
        guard let present = try await get("Users", id: id) else {
            throw TargetError(.notFound, "there is no such account", status: 404, request: "GET \(operation.path)")
        }
        let merged = present.document.applying(operation.body ?? .complex([:]))
        return OperationResult(remoteID: id, requests: [try await send("PUT", operation.path, merged).sent])
    }

    // MARK: Deleting

    private func delete(_ operation: PlannedOperation) async throws -> OperationResult {
        let id = operation.remoteID ?? ""
        var requests: [SentRequest] = []
        if dialect.delete {
            do {
                let sent = try await send(operation.method, operation.path).sent
                learnt.withLock { $0.accounts?.forget(id) }
                return OperationResult(remoteID: id, requests: [sent])
            } catch let error as TargetError where error.code == .unsupported {
                learn { $0.delete = false }
                requests.append(SentRequest(method: operation.method, path: operation.path, status: error.status ?? 0))
            }
        }
        // Where an account cannot be deleted, it is switched off.
        guard let present = try await get("Users", id: id) else { return OperationResult(remoteID: id, requests: requests) }
        let off = PlannedOperation.deactivateUser(id: id, document: present.document.inactive, dialect: dialect)
        let done = try await write(off)
        return OperationResult(remoteID: id, requests: requests + done.requests)
    }

    // MARK: Members

    private func changeMembers(_ operation: PlannedOperation) async throws -> OperationResult {
        let dialect = dialect
        guard dialect.patch, operation.method == "PATCH" else { return try await putMembers(operation) }
        // What was planned before the target's way was learnt is sent in that way.
        let planned = operation.kind == .removeFromGroup ? operation.removing(by: dialect.memberRemoval, dialect) : operation
        do {
            return OperationResult(remoteID: nil, requests: [try await send("PATCH", planned.path, planned.body).sent])
        } catch let error as TargetError {
            if error.code == .unsupported {
                learn { $0.patch = false }
                return try await putMembers(operation)
            }
            guard operation.kind == .removeFromGroup, error.code == .refused, dialect.version == .two else { throw error }
            // It may want members to be removed in the other way: that is tried once, and remembered where it works.
            let other: TargetDialect.MemberRemoval = dialect.memberRemoval == .value ? .filter : .value
            let changed = operation.removing(by: other, dialect)
            let sent = try await send("PATCH", changed.path, changed.body).sent
            learn { $0.memberRemoval = other }
            return OperationResult(
                remoteID: nil, requests: [SentRequest(method: "PATCH", path: planned.path, status: error.status ?? 400), sent])
        }
    }

    /// Reads the group, adds or removes the member, and puts everything. One at a time, or one would undo what another does.
    private func putMembers(_ operation: PlannedOperation) async throws -> OperationResult {
        guard let member = operation.member else { return OperationResult(remoteID: nil, requests: []) }
        let (path, isAdding) = (operation.path, operation.kind == .addToGroup)
        return try await groupTurns.run { [self] in
            let answer = try await send("GET", path).answer
            guard case .complex(var group)? = answer.json else {
                throw TargetError(.invalidAnswer, "a group is no JSON object", status: answer.status, request: "GET \(path)")
            }
            var members = group["members"]?.array ?? []
            let isThere = members.contains { $0["value"]?.string == member }
            guard isThere != isAdding else { return OperationResult(remoteID: nil, requests: []) }
            if isAdding { members.append(["value": .string(member)]) } else { members.removeAll { $0["value"]?.string == member } }
            group["members"] = .array(members)
            return OperationResult(remoteID: nil, requests: [try await send("PUT", path, .complex(group)).sent])
        }
    }
}

extension String {
    /// What stands behind the last slash of a URL, without a query.
    fileprivate var lastPathSegment: String? {
        let path = split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return path.split(separator: "/").last.map { PercentEncoding.decode($0, plusIsSpace: false) ?? String($0) }
    }
}
