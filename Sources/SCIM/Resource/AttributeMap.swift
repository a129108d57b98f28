/// Attributes by name, in the order in which they were written.
///
/// Names compare without regard to the case of ASCII letters (RFC 7643 §2.1). Objects in SCIM have few members,
/// so that a walk over a small array beats a hash table. Two maps are equal when they hold the same names with
/// equal values, in any order.
public struct AttributeMap: Sendable, ExpressibleByDictionaryLiteral {
    /// One name with its value.
    public struct Member: Sendable, Hashable {
        /// The name, in the case in which it was written.
        public var name: String
        /// The value.
        public var value: AttributeValue

        /// Creates a member.
        public init(name: String, value: AttributeValue) {
            self.name = name
            self.value = value
        }
    }

    /// All members in order.
    public private(set) var members: [Member]

    /// Creates an empty map.
    public init() { members = [] }

    /// Creates a map of `members`; where a name occurs twice, a look-up finds the first.
    public init(_ members: [Member]) { self.members = members }

    /// Creates a map of the members written down.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        members = elements.map { Member(name: $0.0, value: $0.1) }
    }

    /// Whether there is no member.
    public var isEmpty: Bool { members.isEmpty }

    /// The number of members.
    public var count: Int { members.count }

    /// The position of `name` in ``members``, or nil.
    public func index(of name: String) -> Int? {
        members.firstIndex { $0.name.isSameName(as: name) }
    }

    /// The value of `name`. Assigning keeps the member's place and the case of its name; assigning nil removes it.
    public subscript(name: String) -> AttributeValue? {
        get { index(of: name).map { members[$0].value } }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Appends a member without looking for the name; the caller knows that it is new.
    public mutating func append(_ name: String, _ value: AttributeValue) {
        members.append(Member(name: name, value: value))
    }
}

extension AttributeMap: Hashable {
    /// Whether both hold the same names with equal values, in any order.
    public static func == (left: AttributeMap, right: AttributeMap) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    /// Hashes the number of members.
    public func hash(into hasher: inout Hasher) {
        // Order and case of names do not count for equality; the number of members is what is left to hash cheaply.
        hasher.combine(members.count)
    }
}
