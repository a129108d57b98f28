import MusterLua
import SCIM

/// A person as an identity provider knows them: SCIM attributes, whatever shorthand the spec wrote, and groups.
struct Person: Sendable, Hashable {
    /// The enterprise extension (RFC 7643 §4.3).
    static let enterprise = Schema.enterpriseUser.id

    /// The attributes. In a change, null stands for one that goes.
    var attributes: AttributeMap
    /// In what a spec wrote, the names of groups; in a client's memory their ids.
    var groups: [String] = []

    var userName: String { attributes["userName"]?.string ?? "" }

    /// What is shown for the person where only one text fits.
    var label: String { attributes["displayName"]?.string ?? userName }

    /// The value of the enterprise extension.
    func extensionValue(_ name: String) -> AttributeValue? { attributes[Self.enterprise]?[name] }

    /// Takes over changes; what is null goes. Name and extension are merged, all else is replaced.
    mutating func merge(_ changes: Person) { attributes = Self.merged(attributes, changes.attributes) }

    private static func merged(_ old: AttributeMap, _ changes: AttributeMap) -> AttributeMap {
        var new = old
        for member in changes.members {
            switch (member.value, new[member.name]) {
            case (.null, _): new[member.name] = nil
            case (.complex(let inner), .complex(let known)?): new[member.name] = .complex(merged(known, inner))
            default: new[member.name] = member.value
            }
        }
        return new
    }
}

extension Person {
    /// Names that specs may write instead of the place inside the resource.
    private static let shorthand: [String: (parent: String, name: String)] = {
        var places: [String: (String, String)] = [:]
        for name in ["givenName", "familyName", "middleName", "formatted"] { places[name] = ("name", name) }
        for name in ["department", "division", "organization", "costCenter", "employeeNumber"] { places[name] = (enterprise, name) }
        return places
    }()
    private static let special = ["email", "phone", "mobile", "manager", "groups"]

    /// Reads what a spec wrote: attributes of RFC 7643, or the shorthand `givenName`, `email`, `department`, `manager` and so on.
    /// - Parameter isNew: Whether a userName is needed, what it implies is added, and `active` may be named.
    init(_ object: LuaObject, isNew: Bool) throws(HostCallError) {
        attributes = [:]
        for member in object.members { try take(member.key, member.value, isNew: isNew) }
        guard isNew else { return }
        guard !userName.isEmpty else { throw HostCallError("a user needs a userName") }
        if attributes["active"] == nil { attributes.append("active", true) }
        // An identity provider knows people's addresses; in most of them it is also the name.
        if attributes["emails"] == nil, userName.contains("@") { attributes.append("emails", Self.emails(userName)) }
        if attributes["emails"]?.isUnassigned == true { attributes["emails"] = nil }
    }

    private mutating func take(_ key: String, _ value: LuaValue, isNew: Bool) throws(HostCallError) {
        let given = value == .empty ? AttributeValue.array([]) : value.attributeValue
        if let place = Self.shorthand[key] { return put(place.name, given, in: place.parent) }
        switch key {
        case "email": attributes["emails"] = given.string.map { Self.emails($0) } ?? .null
        case "phone", "mobile": try addPhone(key == "phone" ? "work" : "mobile", given)
        case "manager":
            let id = given.string ?? (given["id"] ?? given["value"])?.string
            put("manager", id.map { ["value": .string($0)] } ?? .null, in: Self.enterprise)
        case "groups":
            guard isNew, let names = value.array else {
                throw HostCallError("'groups' is a list of names for a new user; later call add_member and remove_member")
            }
            groups = names.compactMap(\.string)
        case "active" where !isNew: throw HostCallError("call deactivate_user or reactivate_user to change 'active'")
        default:
            let known = Schema.user.attributes.map(\.name) + ["externalId"]
            guard known.contains(key) || key.hasPrefix("urn:") else {
                let names = known + Array(Self.shorthand.keys) + Self.special
                throw HostCallError(
                    "a user has no '\(key)'\(NearestName.suffix(key, among: names)); send what is unknown with world.request")
            }
            attributes[key] =
                attributes[key].flatMap { known in given.complex.map { .complex(Self.merged(known.complex ?? [:], $0)) } } ?? given
        }
    }

    private mutating func put(_ name: String, _ value: AttributeValue, in parent: String) {
        var map = attributes[parent]?.complex ?? [:]
        map[name] = value
        attributes[parent] = .complex(map)
    }

    private mutating func addPhone(_ type: String, _ value: AttributeValue) throws(HostCallError) {
        guard let number = value.string else { throw HostCallError("'phone' and 'mobile' are texts; write phoneNumbers for all else") }
        attributes["phoneNumbers"] = .array(
            (attributes["phoneNumbers"]?.array ?? []) + [["type": .string(type), "value": .string(number)]])
    }

    private static func emails(_ address: String) -> AttributeValue {
        [["value": .string(address), "type": "work", "primary": true]]
    }
}

extension Person {
    /// A person as a server answers them, without what only a server says.
    init(answer: AttributeValue) {
        var attributes = answer.complex ?? [:]
        let groups = attributes["groups"]?.array?.compactMap { $0["value"]?.string } ?? []
        for name in ["id", "meta", "schemas", "groups"] { attributes[name] = nil }
        self.init(attributes: attributes, groups: groups)
    }
}
