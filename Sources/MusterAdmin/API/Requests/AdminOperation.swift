import HTTPTypes
import MusterCore
import MusterServer
import SCIM

/// One thing that an administrator can ask for: how it is reached, how it is described, and what it does.
///
/// Requests are routed and the description is written by the same list, ``all``.
struct AdminOperation: Sendable {
    /// The groups of operations.
    enum Tag: String, Sendable, CaseIterable {
        case targets = "Targets"
        case assignments = "Assignments"
        case mappings = "Mappings"
        case approvals = "Approvals"
        case history = "History"
        case reference = "Reference"
    }

    /// The body that an operation wants.
    struct Message: Sendable {
        /// The name of its schema.
        var schema: AdminSchema
        /// Whether the request may come without one.
        var isOptional = false
    }

    /// An answer that says that all is well.
    struct Success: Sendable {
        /// The HTTP status.
        var status: Int
        /// The schema of the body; nil for none.
        var schema: AdminSchema?
        /// What it means.
        var meaning: String
    }

    let method: HTTPRequest.Method
    let path: AdminPath
    /// The operation's name, unique.
    let id: String
    let tag: Tag
    /// What it does, in one sentence.
    let summary: String
    /// The scope that it wants.
    let access: AccessScopes.Administration
    /// What may stand in the query string.
    let query: [AdminParameter]
    /// The body that it wants; nil for none.
    let body: Message?
    /// What it answers when all is well.
    let successes: [Success]
    /// The statuses of the errors that it may answer besides those that every operation may.
    let errors: [Int]
    /// Does it.
    let act: @Sendable (AdminCall) async throws -> AdminAnswer

    /// - Parameter access: nil for `admin:read` where the method is GET, and `admin` where not.
    init(
        _ method: HTTPRequest.Method, _ path: AdminPath, _ id: String, _ tag: Tag, _ summary: String,
        access: AccessScopes.Administration? = nil, query: [AdminParameter] = [], body: Message? = nil, successes: [Success],
        errors: [Int] = [], act: @escaping @Sendable (AdminCall) async throws -> AdminAnswer
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.tag = tag
        self.summary = summary
        self.access = access ?? (method == .get ? .read : .full)
        self.query = query
        self.body = body
        self.successes = successes
        self.errors = errors
        self.act = act
    }

    /// Reads a query string.
    /// - Throws: `SCIMError` invalidValue for a parameter that it does not have: one that is written wrong would else ask for
    ///   more than was meant.
    func parameters(of text: String?) throws(SCIMError) -> QueryParameters {
        let parameters = try QueryParameters(text)
        for (name, _) in parameters.pairs where !query.contains(where: { $0.rawValue.isSameName(as: name) }) {
            let known = query.isEmpty ? "none" : query.map(\.rawValue).joined(separator: ", ")
            throw .invalidValue("there is no parameter '\(name)' here; there are: \(known)")
        }
        return parameters
    }
}

extension AdminOperation {
    /// Everything that there is.
    static let all: [AdminOperation] = targets + connections + assignments + mappings + approvals + history + reference

    /// The operations at one path.
    struct Matches: Sendable {
        fileprivate let operations: [AdminOperation]
        /// What stands for the names in the path.
        let names: [String: String]

        /// The path with names for what varies.
        var pattern: String { operations[0].path.text }

        /// The methods that it takes, as they stand in `Allow`.
        var methods: [HTTPRequest.Method] {
            operations.flatMap { $0.method == .get ? [.get, .head] : [$0.method] }
        }

        /// The operation that a method means; nil for none.
        func operation(for method: HTTPRequest.Method) -> AdminOperation? {
            operations.first { $0.method == (method == .head ? .get : method) }
        }
    }

    /// The operations at a path; nil where there are none. A path that is written out comes before one with names.
    static func at(_ path: Substring) -> Matches? {
        let found = all.compactMap { operation in operation.path.match(path).map { (operation, names: $0) } }
        guard let best = found.min(by: { $0.names.count < $1.names.count }) else { return nil }
        return Matches(operations: found.filter { $0.0.path == best.0.path }.map(\.0), names: best.names)
    }
}
