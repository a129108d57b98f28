/// All that a request demands of the state of its resource.
public struct Preconditions: Sendable, Hashable {
    /// What follows.
    public enum Outcome: Sendable, Hashable {
        /// The request is carried out.
        case proceed
        /// 304: the client has the state already; only of GET and HEAD.
        case notModified
        /// 412: the resource is in another state than the client believes.
        case failed
    }

    /// The demands in the order in which they are checked.
    public var demands: [Precondition]

    /// Nothing is demanded.
    public static let none = Preconditions()

    /// Creates a value.
    public init(demands: [Precondition] = []) { self.demands = demands }

    /// Reads the headers; nil for one that is missing.
    /// - Throws: `invalidValue` when a header is malformed.
    public init(ifMatch: String?, ifNoneMatch: String?) throws(SCIMError) {
        demands = []
        if let ifMatch { demands.append(.ifMatch(try .init(parsing: ifMatch))) }
        if let ifNoneMatch { demands.append(.ifNoneMatch(try .init(parsing: ifNoneMatch))) }
    }

    /// What follows for a resource with the entity tag `etag`, nil when there is none (RFC 9110 §13.2.2).
    /// - Parameter isRead: Whether the request is a GET or HEAD.
    public func outcome(for etag: String?, isRead: Bool) -> Outcome {
        for demand in demands where !demand.isFulfilled(by: etag) {
            if case .ifNoneMatch = demand, isRead { return .notModified }
            return .failed
        }
        return .proceed
    }
}
