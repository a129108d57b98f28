import MusterCore
import SCIM

/// What may stand in the query string of an operation.
enum AdminParameter: String, Sendable, CaseIterable {
    case after, before, limit, target, state, action, batch, user

    /// The most that one page holds.
    static let mostPerPage = 500
    /// What one page holds where nothing else is asked for.
    static let usualPerPage = 100

    /// What it is for.
    var meaning: String {
        switch self {
        case .after: "Where the page before ended: its `next`"
        case .before: "Where the page before ended: its `next`; the newest come first"
        case .limit: "How many are wanted at most"
        case .target: "Name of a target"
        case .state: "States with commas between; `pending,parked` where none is named"
        case .action: "What the plans do"
        case .batch: "Name of a batch"
        case .user: "Id or userName of a person"
        }
    }

    /// What it may be, as JSON Schema.
    var schema: AttributeValue {
        switch self {
        case .limit:
            [
                "type": "integer", "minimum": 1, "maximum": .integer(Int64(Self.mostPerPage)),
                "default": .integer(Int64(Self.usualPerPage)),
            ]
        case .before: ["type": "integer", "minimum": 0]
        case .action: AdminSchema.actions
        case .after, .target, .state, .batch, .user: ["type": "string"]
        }
    }
}
