package import SCIM

/// A user or a group as a target answers it.
package struct RemoteResource: Sendable, Hashable {
    /// Its id there.
    package var id: String
    /// The whole document.
    package var document: AttributeValue

    package init(id: String, document: AttributeValue) {
        self.id = id
        self.document = document
    }

    /// Reads a document; nil where it has no id.
    init?(_ document: AttributeValue) {
        // Some targets answer numbers.
        guard let id = document["id"]?.string ?? document["id"]?.integer.map(String.init), !id.isEmpty else { return nil }
        self.init(id: id, document: document)
    }

    /// Whether the account is active: one that does not say so is.
    package var isActive: Bool { document["active"] != false && document["active"]?.string?.lowercased() != "false" }

    /// The ids of a group's members; nil where the target does not tell them.
    package var members: [String]? { document["members"]?.array?.compactMap { $0["value"]?.string } }
}

/// One page of a target's resources.
package struct RemotePage: Sendable {
    /// The resources.
    package var resources: [RemoteResource]
    /// How many there are in all, where the target says so.
    package var totalResults: Int?
    /// Where the next page begins; nil at the end.
    package var nextIndex: Int?
}

/// A request that was sent, and what came back.
package struct SentRequest: Sendable, Hashable {
    /// The method.
    package var method: String
    /// The path below the base URL, with its query.
    package var path: String
    /// The status of the answer.
    package var status: Int

    /// The request as JSON.
    package var json: AttributeValue {
        ["method": .string(method), "path": .string(path), "status": .integer(Int64(status))]
    }
}

/// What came of a planned operation.
package struct OperationResult: Sendable, Hashable {
    /// The id of what was made or written, where the target told it.
    package var remoteID: String?
    /// The requests that were sent.
    package var requests: [SentRequest]
}

/// One step of the test of a connection.
package struct ConnectionStep: Sendable, Hashable {
    /// How it went.
    package enum Outcome: String, Sendable, Hashable {
        /// As it should.
        case ok
        /// Not as the RFC says, but it can be lived with.
        case warning
        /// So that nothing can be provisioned.
        case failed
    }

    /// What was tried.
    package var name: String
    /// The request; "" for none.
    package var request: String
    /// How it went.
    package var outcome: Outcome
    /// What came back.
    package var detail: String

    /// One line: `ok: look-up: GET /Users?filter=…: 200`.
    package var description: String {
        [outcome.rawValue, name, request, detail].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    /// The step as JSON.
    package var json: AttributeValue {
        [
            "name": .string(name), "request": .string(request), "outcome": .string(outcome.rawValue), "detail": .string(detail),
        ]
    }
}
