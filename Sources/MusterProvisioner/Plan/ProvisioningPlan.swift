package import SCIM

/// Everything that is to be done for one person at one target, before anything is sent.
package struct ProvisioningPlan: Sendable, Hashable {
    /// What it does as a whole.
    package enum Action: String, Sendable, Hashable, CaseIterable {
        /// Makes the account, or adopts the one that is there.
        case create
        /// Changes it, or its groups.
        case update
        /// Switches it on again.
        case reactivate
        /// Switches it off.
        case deactivate
        /// Removes it.
        case delete

        /// Whether it takes the account away from its person.
        package var isRemoval: Bool { self == .deactivate || self == .delete }
    }

    /// What it does as a whole.
    package var action: Action
    /// The requests, in the order in which they are sent.
    package var operations: [PlannedOperation]
    /// The account's document after it; nil where the account is deleted.
    package var document: AttributeValue?
    /// The id, of ours, of a manager without an account there, who was left out of the document.
    package var awaitedManager: String?
    /// What a person who approves it should know, such as that the manager was left out.
    package var notes: [String]

    package init(
        action: Action, operations: [PlannedOperation], document: AttributeValue?, awaitedManager: String? = nil, notes: [String] = []
    ) {
        self.action = action
        self.operations = operations
        self.document = document
        self.awaitedManager = awaitedManager
        self.notes = notes
    }
}

extension ProvisioningPlan {
    /// The plan as JSON, as it is stored and shown.
    package var json: AttributeValue {
        var map: AttributeMap = ["action": .string(action.rawValue), "operations": .array(operations.map(\.json))]
        if let document { map.append("document", document) }
        if let awaitedManager { map.append("awaitedManager", .string(awaitedManager)) }
        if !notes.isEmpty { map.append("notes", .array(notes.map { .string($0) })) }
        return .complex(map)
    }

    /// Reads a plan that was stored; nil when it is none.
    package init?(json: AttributeValue) {
        guard let action = json["action"]?.string.flatMap(Action.init), let list = json["operations"]?.array else { return nil }
        let operations = list.compactMap { PlannedOperation(json: $0) }
        guard operations.count == list.count else { return nil }
        self.init(
            action: action, operations: operations, document: json["document"], awaitedManager: json["awaitedManager"]?.string,
            notes: json["notes"]?.array?.compactMap(\.string) ?? [])
    }

    /// Reads the bytes of a plan; nil when they are none.
    package init?(bytes: [UInt8]) {
        guard let json = try? AttributeValue(json: bytes) else { return nil }
        self.init(json: json)
    }
}

extension PlannedOperation {
    /// The operation as JSON.
    package var json: AttributeValue {
        var map: AttributeMap = ["kind": .string(kind.rawValue)]
        if let group { map.append("group", .string(group)) }
        if let remoteID { map.append("remoteID", .string(remoteID)) }
        map.append("method", .string(method))
        map.append("path", .string(path))
        if let body { map.append("body", body) }
        return .complex(map)
    }

    /// Reads an operation that was stored; nil when it is none.
    package init?(json: AttributeValue) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init), let method = json["method"]?.string, let path = json["path"]?.string
        else { return nil }
        self.init(
            kind: kind, group: json["group"]?.string, remoteID: json["remoteID"]?.string, method: method, path: path, body: json["body"])
    }
}
