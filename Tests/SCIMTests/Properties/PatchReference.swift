/// RFC 7644 §3.5.2 applied to plain JSON, written for clarity and without a line of the SCIM room: what PATCH must leave.
///
/// It knows the part of the user's schemas that the generator uses. Where the RFC leaves a choice, or clients need more
/// than it has, our readings are marked as such.
struct PatchReference: Sendable {
    /// Why a request is refused.
    struct Refusal: Error, Equatable {
        /// The keyword of RFC 7644 §3.12.
        let scimType: String
    }

    /// What kind of values an attribute has.
    indirect enum Shape: Sendable {
        case text
        case flag
        /// One value with parts.
        case complex([String: Shape])
        /// Several values with parts.
        case many([String: Shape])
        /// What only the service provider changes.
        case readOnly
    }

    static let coreURN = "urn:ietf:params:scim:schemas:core:2.0:User"
    static let extensionURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

    private static let plural: Shape = .many(["value": .text, "type": .text, "display": .text, "primary": .flag])

    /// The core attributes that are known here.
    static let core: [String: Shape] = [
        "userName": .text, "displayName": .text, "nickName": .text, "title": .text, "externalId": .text, "active": .flag,
        "name": .complex(["givenName": .text, "familyName": .text, "middleName": .text]), "emails": plural, "phoneNumbers": plural,
        "addresses": .many(["locality": .text, "country": .text, "type": .text, "primary": .flag]), "groups": .readOnly,
    ]

    /// The attributes of the enterprise extension that are known here.
    static let enterprise: [String: Shape] = [
        "employeeNumber": .text, "department": .text, "manager": .complex(["value": .text]),
    ]

    /// The core attributes of the user, the extension's under its URN; without `schemas`, `id` and `meta`.
    private(set) var user: [String: ReferenceValue]

    /// Begins with a user as he was created.
    init(user: [String: ReferenceValue]) { self.user = user }

    /// The URNs that `schemas` must hold.
    var schemas: [ReferenceValue] { [.string(Self.coreURN)] + (user[Self.extensionURN] == nil ? [] : [.string(Self.extensionURN)]) }

    /// Applies all steps in order, or none.
    mutating func apply(_ steps: [PatchStep]) throws(Refusal) {
        var copy = self
        for step in steps { try copy.apply(step) }
        try copy.validate()
        self = copy
    }

    // MARK: Where

    private mutating func apply(_ step: PatchStep) throws(Refusal) {
        guard let target = step.target else {
            guard step.kind != .remove else { throw Refusal(scimType: "noTarget") }
            guard let members = step.value?.object else { throw Refusal(scimType: "invalidValue") }
            for (name, value) in members { try applyMember(name, value, step.kind) }
            return
        }
        try apply(step.kind, target, step.value)
    }

    /// A member of an operation's value where there is no path. Our reading: keys may be paths (Entra ID).
    private mutating func applyMember(_ name: String, _ value: ReferenceValue, _ kind: PatchStep.Kind) throws(Refusal) {
        if name == Self.extensionURN { return try apply(kind, .init(isExtension: true), value) }
        var target = PatchStep.Target(isExtension: name.hasPrefix(Self.extensionURN + ":"))
        let local = target.isExtension ? String(name.dropFirst(Self.extensionURN.count + 1)) : name
        let parts = local.split(separator: ".").map(String.init)
        target.attribute = parts.first
        target.part = parts.dropFirst().first
        // Our reading: readOnly attributes that a client repeats are ignored (Okta).
        if case .readOnly? = Self.core[local] { return }
        try apply(kind, target, value)
    }

    private mutating func apply(_ kind: PatchStep.Kind, _ target: PatchStep.Target, _ value: ReferenceValue?) throws(Refusal) {
        var holder = target.isExtension ? user[Self.extensionURN]?.object ?? [:] : user
        if let attribute = target.attribute {
            guard let shape = (target.isExtension ? Self.enterprise : Self.core)[attribute] else {
                throw Refusal(scimType: "invalidPath")
            }
            holder[attribute] = try result(kind, target, shape, value, on: holder[attribute])
        } else if kind == .remove || value == .null {
            holder = [:]
        } else {
            guard let members = value?.object else { throw Refusal(scimType: "invalidValue") }
            for (name, value) in members { try apply(kind, .init(isExtension: true, attribute: name), value) }
            return
        }
        if target.isExtension {
            user[Self.extensionURN] = holder.isEmpty ? nil : .object(holder)
        } else {
            user = holder
        }
    }

    // MARK: What

    /// The attribute's value after the operation; nil when it is unassigned.
    private func result(
        _ kind: PatchStep.Kind, _ target: PatchStep.Target, _ shape: Shape, _ value: ReferenceValue?, on current: ReferenceValue?
    ) throws(Refusal) -> ReferenceValue? {
        switch shape {
        case .readOnly: throw Refusal(scimType: "mutability")
        case .text, .flag:
            guard target.part == nil, target.condition == nil else { throw Refusal(scimType: "invalidPath") }
            let new = kind == .remove ? nil : try single(value, shape)
            // A required attribute may not be removed (RFC 7644 §3.5.2.2).
            if new == nil, target.attribute == "userName" { throw Refusal(scimType: "mutability") }
            return new
        case .complex(let parts):
            guard target.condition == nil else { throw Refusal(scimType: "invalidPath") }
            if let part = target.part { return try object(try with(part, of: parts, kind, value, on: current?.object ?? [:])) }
            guard kind != .remove, let given = try assigned(value, parts) else { return nil }
            // Parts that are not given are left unchanged (RFC 7644 §3.5.2.3); those given as null go.
            return try object(merged(given, into: current?.object ?? [:]))
        case .many(let parts):
            let values = (current?.array ?? []).compactMap(\.object)
            let new = try several(kind, target, parts, value, on: values)
            return new.isEmpty ? nil : .array(new.map { .object($0) })
        }
    }

    private func object(_ parts: [String: ReferenceValue]?) throws(Refusal) -> ReferenceValue? {
        guard let parts, !parts.isEmpty else { return nil }
        return .object(parts)
    }

    /// The parts with one of them set or removed; nil when the value is no more.
    ///
    /// Our reading: without its `value`, an address or a reference means nothing, and goes.
    private func with(
        _ part: String, of parts: [String: Shape], _ kind: PatchStep.Kind, _ value: ReferenceValue?, on current: [String: ReferenceValue]
    ) throws(Refusal) -> [String: ReferenceValue]? {
        guard let shape = parts[part] else { throw Refusal(scimType: "invalidPath") }
        let new = kind == .remove ? nil : try single(value, shape)
        if part == "value", new == nil, current["value"] != nil { return nil }
        var changed = current
        changed[part] = new
        return changed.isEmpty ? nil : changed
    }

    private func several(
        _ kind: PatchStep.Kind, _ target: PatchStep.Target, _ parts: [String: Shape], _ value: ReferenceValue?,
        on values: [[String: ReferenceValue]]
    ) throws(Refusal) -> [[String: ReferenceValue]] {
        if let condition = target.condition { return try chosen(kind, condition, target.part, parts, value, on: values) }
        if let part = target.part {
            if values.isEmpty, kind != .remove { return try [with(part, of: parts, kind, value, on: [:])].compactMap { $0 } }
            var changed: [[String: ReferenceValue]] = []
            for current in values {
                if let new = try with(part, of: parts, kind, value, on: current) { changed.append(new) }
            }
            return changed
        }
        switch kind {
        case .replace: return try given(value, parts)
        case .remove:
            // Our reading: with values given, those go and no other (Entra ID, OneLogin).
            guard value != nil else { return [] }
            let named = try given(value, parts)
            return values.filter { current in !named.contains { Self.means($0, current) } }
        case .add:
            var (result, primary): ([[String: ReferenceValue]], Int?) = (values, nil)
            for new in try given(value, parts) {
                // What is there already is not added again (RFC 7644 §3.5.2.1). Our reading: it takes the parts given.
                let place = result.firstIndex { Self.means(new, $0) } ?? result.count
                if place == result.count { result.append(new) } else { result[place] = merged(new, into: result[place]) }
                if new["primary"] == true { primary = place }
            }
            return Self.withOnePrimary(result, primary.map { [$0] } ?? [])
        }
    }

    /// The operation on the values that the condition chooses.
    private func chosen(
        _ kind: PatchStep.Kind, _ condition: PatchStep.Condition, _ part: String?, _ parts: [String: Shape], _ value: ReferenceValue?,
        on values: [[String: ReferenceValue]]
    ) throws(Refusal) -> [[String: ReferenceValue]] {
        let places = values.indices.filter { condition.holds(for: values[$0]) }
        if places.isEmpty {
            guard kind != .remove else { return values }
            // RFC 7644 §3.5.2.3. Our reading: a part, or an add, makes the value that the condition describes (Entra ID).
            guard part != nil || kind == .add, var new = condition.described else { throw Refusal(scimType: "noTarget") }
            if let part {
                guard let set = try with(part, of: parts, kind, value, on: [:]) else { return values }
                new.merge(set) { _, last in last }
            } else {
                new.merge(try one(value, parts) ?? [:]) { _, last in last }
            }
            return Self.withOnePrimary(values + [new], [values.count])
        }
        let whole = kind == .remove || part != nil ? nil : try one(value, parts)
        var changed: [[String: ReferenceValue]?] = values
        for place in places {
            if let part {
                changed[place] = try with(part, of: parts, kind, value, on: values[place])
            } else {
                switch kind {
                case .remove: changed[place] = nil
                case .add: changed[place] = merged(whole ?? [:], into: values[place])
                // Our reading: a new value keeps what the condition says of it, where it does not say otherwise.
                case .replace: changed[place] = whole?.merging(condition.described ?? [:]) { given, _ in given }
                }
            }
        }
        return Self.withOnePrimary(changed.map { $0 ?? [:] }, places).filter { !$0.isEmpty }
    }

    // MARK: Values

    /// A value in its shape; nil when it is null or empty, which is unassigned (RFC 7643 §2.5).
    private func single(_ value: ReferenceValue?, _ shape: Shape) throws(Refusal) -> ReferenceValue? {
        switch (shape, value) {
        case (_, nil), (_, .null?), (_, .array([])?), (_, .object([:])?): return nil
        case (.text, .string?), (.flag, .boolean?): return value
        case (.complex(let parts), .object(let given)?):
            var checked: [String: ReferenceValue] = [:]
            for (name, value) in given {
                guard let shape = parts[name] else { continue }
                checked[name] = try single(value, shape)
            }
            return try object(checked)
        default: throw Refusal(scimType: "invalidValue")
        }
    }

    /// The parts given for a complex attribute, with nulls; nil when nothing is given.
    private func assigned(_ value: ReferenceValue?, _ parts: [String: Shape]) throws(Refusal) -> [String: ReferenceValue]? {
        _ = try single(value, .complex(parts))
        return value?.object.flatMap { $0.isEmpty ? nil : $0.filter { parts[$0.key] != nil } }
    }

    private func merged(_ given: [String: ReferenceValue], into current: [String: ReferenceValue]) -> [String: ReferenceValue] {
        current.merging(given) { _, new in new }.filter { $0.value != .null }
    }

    /// The values given for an attribute with several; of those that are the same, the last in the place of the first.
    private func given(_ value: ReferenceValue?, _ parts: [String: Shape]) throws(Refusal) -> [[String: ReferenceValue]] {
        var values: [[String: ReferenceValue]] = []
        for element in value?.array ?? value.map({ [$0] }) ?? [] {
            if let element = try single(element, .complex(parts))?.object { values.append(element) }
        }
        return try Self.valid(values)
    }

    /// The one value given for those that a condition chooses.
    private func one(_ value: ReferenceValue?, _ parts: [String: Shape]) throws(Refusal) -> [String: ReferenceValue]? {
        let values = try given(value, parts)
        guard values.count <= 1 else { throw Refusal(scimType: "invalidValue") }
        return values.first
    }

    // MARK: Rules for several values (RFC 7643 §2.4)

    /// Whether `new` is the value `current`: the same `value`, and the same `type` where it names one. A value without
    /// `value`, such as an address, is all that it holds.
    private static func means(_ new: [String: ReferenceValue], _ current: [String: ReferenceValue]) -> Bool {
        guard let named = new["value"] else { return new == current }
        return current["value"] == named && (new["type"] == nil || new["type"] == current["type"])
    }

    /// The values with each once, and at most one of them primary.
    private static func valid(_ values: [[String: ReferenceValue]]) throws(Refusal) -> [[String: ReferenceValue]] {
        var kept: [[String: ReferenceValue]] = []
        for value in values {
            let same = kept.firstIndex {
                value["value"] == nil ? value == $0 : value["value"] == $0["value"] && value["type"] == $0["type"]
            }
            if let same { kept[same] = value } else { kept.append(value) }
        }
        guard kept.count(where: { $0["primary"] == true }) <= 1 else { throw Refusal(scimType: "invalidValue") }
        return kept
    }

    /// Setting `primary` takes it from all others (RFC 7644 §3.5.2). Of several set at once, the last keeps it.
    private static func withOnePrimary(_ values: [[String: ReferenceValue]], _ places: [Int]) -> [[String: ReferenceValue]] {
        guard let primary = places.last(where: { values[$0]["primary"] == true }) else { return values }
        return values.enumerated().map { place, value in
            guard place != primary, value["primary"] == true else { return value }
            return value.merging(["primary": false]) { _, new in new }
        }
    }

    /// What must hold of the whole when all operations are done.
    private mutating func validate() throws(Refusal) {
        for (name, shape) in Self.core {
            guard case .many = shape, let values = user[name]?.array?.compactMap(\.object) else { continue }
            user[name] = .array(try Self.valid(values).map { .object($0) })
        }
    }
}
