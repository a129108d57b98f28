/// One operation on one attribute (RFC 7644 §3.5.2.1 to §3.5.2.3).
struct AttributePatch {
    let operation: PatchOperation
    let path: AttributePath
    let attribute: AttributeDefinition
    let subAttribute: AttributeDefinition?
    let name: String
    /// The dialect of the client, and what of it was met so far.
    var reading: DialectReading

    /// Changes the attribute in the resource or extension that holds it.
    mutating func apply(to holder: inout AttributeMap) throws(SCIMError) {
        let current = holder[attribute.name]
        let changed: AttributeValue?
        if attribute.isMultiValued {
            let values = try multiValued(current?.array ?? current.map { [$0] } ?? [])
            changed = values.isEmpty ? nil : .array(values)
        } else if subAttribute != nil {
            changed = try element(current ?? [:])
        } else {
            changed = try single(current)
        }
        if changed == nil, current != nil, attribute.isRequired {
            throw .mutability("'\(name)' is required and cannot be removed")
        }
        if attribute.mutability == .immutable, let current, changed != current {
            throw .mutability("'\(name)' is immutable and has a value already")
        }
        guard attribute.isNeverKept, changed == nil else {
            holder[attribute.name] = changed
            return
        }
        // What is never kept is not there to be taken away: a null tells that it was removed.
        if attribute.isRequired { throw .mutability("'\(name)' is required and cannot be removed") }
        holder[attribute.name] = .null
    }

    // MARK: One value

    private mutating func single(_ current: AttributeValue?) throws(SCIMError) -> AttributeValue? {
        guard operation.kind != .remove else { return nil }
        let given = unquoted(unwrapped(operation.value ?? .null, for: attribute))
        let value = try attribute.normalized(given, at: name, &reading)
        guard attribute.type == .complex, given != .null, given != [] else { return value }
        let isNobody =
            given["value"]?.isUnassigned == true
            || (value == nil && attribute.isManager && ManagerQuirks.isNobody(ManagerQuirks.renamed(given) ?? given))
        if isNobody || (value == nil && (given.complex == nil || given["value"] != nil)) {
            // A reference to nobody, such as Entra ID's "" for a manager.
            return nil
        }
        // The sub-attributes given are set, the others stay (RFC 7644 §3.5.2.1, §3.5.2.3).
        return try merged(value, given, into: current)
    }

    /// Sets the sub-attributes of `value`; those that `given` says are null go.
    func merged(
        _ value: AttributeValue?, _ given: AttributeValue, into current: AttributeValue?
    ) throws(SCIMError) -> AttributeValue? {
        var map = current?.complex ?? [:]
        for member in given.complex?.members ?? [] where member.value.isUnassigned { map[member.name] = nil }
        for member in value?.complex?.members ?? [] { map[member.name] = member.value }
        for part in attribute.subAttributes where part.mutability == .immutable {
            guard let old = current?[part.name], map[part.name] != old else { continue }
            throw .mutability("'\(attribute.name).\(part.name)' is immutable and has a value already")
        }
        return map.withoutStaleReference(changedFrom: current, isGiven: given["$ref"] != nil).valueIfAny
    }

    /// A complex value with the operation done to its sub-attribute; nil when nothing is left of it.
    mutating func element(_ current: AttributeValue) throws(SCIMError) -> AttributeValue? {
        guard let part = subAttribute else { return current }
        var map = current.complex ?? [:]
        let partName = "\(attribute.name).\(part.name)"
        var value: AttributeValue?
        if operation.kind != .remove {
            value = try part.normalized(unwrapped(operation.value ?? .null, for: part), at: partName, &reading)
            if isNobody(value, as: part) { value = nil }
        }
        let old = map[part.name]
        if part.mutability == .immutable, let old, old != value {
            throw .mutability("'\(partName)' is immutable and has a value already")
        }
        if part.isRequired, old != nil, value == nil {
            throw .mutability("'\(partName)' is required and cannot be removed")
        }
        // An address or a reference without its value is none: what described it goes with it (as Entra ID expects).
        if part.name == "value", old != nil, value == nil { return nil }
        map[part.name] = value
        return map.withoutStaleReference(changedFrom: current, isGiven: part.name == "$ref").valueIfAny
    }

    // MARK: Several values

    private mutating func multiValued(_ current: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        if let filter = path.valueFilter { return try limited(chosen(current, by: filter)) }
        if subAttribute != nil { return try everyElement(current) }
        switch operation.kind {
        case .replace: return try values()
        case .remove:
            // With a list, only what it names goes, even when it names nothing; without one, all (RFC 7644 §3.5.2.2).
            guard let value = operation.value, value != .null else { return [] }
            let given = PatchValues(try values(), of: attribute)
            return current.filter { !given.hasOneThatMeans($0) }
        case .add: return try adding(try values(), to: current)
        }
    }

    /// Adds values; one that is there already is completed, not doubled (RFC 7644 §3.5.2.1).
    private mutating func adding(_ given: [AttributeValue], to current: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        var present = PatchValues(current, of: attribute)
        var primary: Int?
        for value in given {
            let place: Int
            if let found = present.place(meantBy: value) {
                place = found
                if attribute.type == .complex, let whole = try merged(value, value, into: present.values[found]) {
                    present.values[found] = whole
                }
            } else {
                place = present.append(value)
            }
            if value["primary"] == true { primary = place }
        }
        return try limited(present.values.withOnePrimary(primary.map { [$0] } ?? []))
    }

    private mutating func everyElement(_ current: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        if current.isEmpty, operation.kind != .remove { return try element([:]).map { [$0] } ?? [] }
        var values: [AttributeValue] = []
        for value in current {
            if let changed = try element(value) { values.append(changed) }
        }
        return values
    }

    func limited(_ values: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        guard attribute.isMembership || values.count <= AttributeDefinition.Limit.values else {
            throw .invalidValue("\(name): more than \(AttributeDefinition.Limit.values) values are not accepted")
        }
        return values
    }

    /// The values of the operation, each in the attribute's type.
    mutating func values() throws(SCIMError) -> [AttributeValue] {
        var given = unquoted(operation.value ?? .null)
        if attribute.isMembership, let listed = given["members"], reading.understands(.membersInMembers) { given = listed }
        // One value may be added alone (RFC 7644 §3.5.2.1), or stand for those that a filter chooses (§3.5.2.3); a remove
        // with values is a quirk however they are written.
        if given.array == nil, !given.isUnassigned, operation.kind != .replace || path.valueFilter != nil { given = .array([given]) }
        return try attribute.normalized(given, at: name, &reading)?.array ?? []
    }

    // MARK: What clients write

    private mutating func unquoted(_ value: AttributeValue) -> AttributeValue {
        guard let meant = PatchQuirks.unquotedText(value, for: attribute), reading.understands(.jsonInText) else { return value }
        return meant
    }

    private mutating func unwrapped(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        guard let meant = PatchQuirks.wrappedOne(value, for: definition), reading.understands(.arrayForLoneValue) else { return value }
        return meant
    }

    /// Whether a value is the empty id with which Entra ID takes a manager away.
    private mutating func isNobody(_ value: AttributeValue?, as part: AttributeDefinition) -> Bool {
        guard attribute.isManager, part.name == "value", value == "" else { return false }
        return reading.understands(.emptyStringIsUnassigned)
    }
}

extension AttributeMap {
    /// The map as a value, or nil when nothing is left of it.
    fileprivate var valueIfAny: AttributeValue? { isEmpty ? nil : .complex(self) }

    /// Without a `$ref` that still points to what `value` named before.
    fileprivate func withoutStaleReference(changedFrom old: AttributeValue?, isGiven: Bool) -> AttributeMap {
        guard !isGiven, let named = old?["value"], self["value"] != named, self["$ref"] != nil else { return self }
        var map = self
        map["$ref"] = nil
        return map
    }
}

extension [AttributeValue] {
    /// The values where the last of the `changed` places that is primary has taken that from all others (RFC 7643 §2.4).
    func withOnePrimary(_ changed: [Int]) -> [AttributeValue] {
        guard let primary = changed.last(where: { self[$0]["primary"] == true }) else { return self }
        return enumerated().map { index, value in
            guard index != primary, value["primary"] == true, var map = value.complex else { return value }
            map["primary"] = false
            return .complex(map)
        }
    }
}
