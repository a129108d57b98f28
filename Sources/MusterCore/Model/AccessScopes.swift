public import SCIM

/// What a client may do: read, write, for all resource types or for some.
///
/// As a text, the scopes stand one beside the other: `read`, `write`, `read:User`, `write:Group`, or `*` for everything.
/// Who may write a type may read it too, so that `write` alone is everything. Names of types compare without case.
///
/// `admin` and `admin:read` are for administrators: targets, approvals and what else is not SCIM. No other scope includes them,
/// `*` neither, so that an identity provider's credential never administers; and they say nothing about resources.
public struct AccessScopes: Sendable, Hashable, CustomStringConvertible {
    /// What is to be done.
    public enum Access: String, Sendable, CaseIterable {
        /// To see resources.
        case read
        /// To make, change or remove resources.
        case write
    }

    /// What an administrator may do.
    public enum Administration: String, Sendable, CaseIterable {
        /// To see how everything stands.
        case read = "admin:read"
        /// To see it and to decide.
        case full = "admin"
    }

    /// A text that is no scope.
    public struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
        /// The text.
        public var text: String

        /// What a scope looks like.
        public var description: String {
            "'\(text)' is no scope; scopes are read, write, read:TYPE, write:TYPE such as write:User, * for all of these, and, for "
                + "administrators, admin and admin:read"
        }
    }

    /// Some resource types or all of them.
    private struct Types: Sendable, Hashable {
        var all = false
        var names: [String] = []

        var isEmpty: Bool { !all && names.isEmpty }

        func contains(_ name: String) -> Bool { all || names.contains { $0.isSameName(as: name) } }

        mutating func insert(_ name: String) {
            guard !contains(name) else { return }
            names.append(name)
            names.sort { $0.lowercased() < $1.lowercased() }
        }

        mutating func insertAll() { (all, names) = (true, []) }
    }

    private static let longestTypeName = 64

    private var readable = Types()
    private var writable = Types()
    private var administration: Administration?

    /// Nothing at all.
    public static let none = AccessScopes()
    /// Everything over SCIM; nothing of administration.
    public static let full: AccessScopes = {
        var scopes = AccessScopes()
        scopes.insert(.write, nil)
        return scopes
    }()

    private init() {}

    /// Reads scopes, separated by blanks or commas; an empty text means none.
    /// - Throws: ``Invalid`` with the first that is no scope.
    public init(_ text: String) throws(Invalid) {
        for scope in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
            guard scope != "*" else { insert(.write, nil); continue }
            if let administration = Administration(rawValue: String(scope)) { insert(administration); continue }
            let parts = scope.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let access = Access(rawValue: String(parts[0])) else { throw Invalid(text: String(scope)) }
            guard parts.count == 2 else { insert(access, nil); continue }
            guard Self.isTypeName(parts[1]) else { throw Invalid(text: String(scope)) }
            insert(access, String(parts[1]))
        }
    }

    /// Adds a scope.
    /// - Parameter resourceType: nil for every type.
    private mutating func insert(_ access: Access, _ resourceType: String?) {
        guard let resourceType else {
            readable.insertAll()
            if access == .write { writable.insertAll() }
            return
        }
        readable.insert(resourceType)
        if access == .write { writable.insert(resourceType) }
    }

    private mutating func insert(_ administration: Administration) {
        if self.administration != .full { self.administration = administration }
    }

    private static func isTypeName(_ name: Substring) -> Bool {
        (1...longestTypeName).contains(name.utf8.count) && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }

    /// The scopes of both.
    public func union(_ other: AccessScopes) -> AccessScopes {
        var union = self
        for (access, types) in [(Access.read, other.readable), (.write, other.writable)] {
            if types.all { union.insert(access, nil) }
            for name in types.names { union.insert(access, name) }
        }
        if let administration = other.administration { union.insert(administration) }
        return union
    }

    /// Whether nothing is allowed.
    public var isEmpty: Bool { readable.isEmpty && administration == nil }

    /// Whether something may be done to resources of a type.
    /// - Parameter resourceType: nil asks whether it may be done to any type at all; discovery needs no more than that.
    public func allows(_ access: Access, resourceType: String?) -> Bool {
        let types = access == .read ? readable : writable
        if types.all { return true }
        guard let resourceType else { return !types.isEmpty }
        return types.contains(resourceType)
    }

    /// Whether something may be done to resources of every type.
    public func allowsAll(_ access: Access) -> Bool { access == .read ? readable.all : writable.all }

    /// Whether this much of administration is allowed.
    public func allows(_ administration: Administration) -> Bool {
        self.administration == .full || self.administration == administration
    }

    /// Refuses what is not allowed.
    /// - Throws: `SCIMError` 403, which tells the client what it may do.
    public func check(_ administration: Administration) throws(SCIMError) {
        guard !allows(administration) else { return }
        throw .forbidden(
            "the client lacks the scope \(administration.rawValue), which no other scope includes; its scopes are: "
                + (isEmpty ? "none" : description))
    }

    /// Refuses what is not allowed.
    /// - Throws: `SCIMError` 403, which tells the client what it may do.
    public func check(_ access: Access, resourceType: String?) throws(SCIMError) {
        guard !allows(access, resourceType: resourceType) else { return }
        let wanted = resourceType.map { "\(access.rawValue):\($0)" } ?? access.rawValue
        throw .forbidden("the client lacks the scope \(wanted); its scopes are: \(isEmpty ? "none" : description)")
    }

    /// The scopes in their shortest form; empty for none.
    public var description: String {
        let read = readable.all ? ["read"] : readable.names.filter { !writable.contains($0) }.map { "read:" + $0 }
        let resources = writable.all ? ["*"] : read + writable.names.map { "write:" + $0 }
        return (resources + (administration.map { [$0.rawValue] } ?? [])).joined(separator: " ")
    }

    /// Whether both allow the same.
    public static func == (left: AccessScopes, right: AccessScopes) -> Bool {
        left.description.isSameName(as: right.description)
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) { hasher.combine(description.lowercased()) }
}
