/// An attribute of a site's schema, with what else its document says.
struct AttributeFile {
    /// The attribute.
    var definition: AttributeDefinition
    /// Itself or its sub-attributes, where an index is wanted.
    var indexed: [String] = []

    private static let members = [
        "name", "type", "subAttributes", "multiValued", "description", "required", "canonicalValues", "caseExact", "mutability",
        "returned", "uniqueness", "referenceTypes", "indexed", "closed",
    ]
    private static let maximumNameBytes = 128

    /// Reads an attribute; nil when it has no usable name.
    /// - Parameter isPart: Whether it is a sub-attribute.
    init?(_ document: AttributeValue, at path: String, isPart: Bool, _ reading: inout SchemaReading) {
        guard case .complex(let map) = document else {
            reading.error(path, "a JSON object with an attribute is wanted")
            return nil
        }
        reading.checkMembers(of: map, at: path, known: Self.members)
        let name = reading.demandedText("name", of: map, at: path)
        let problem = name.flatMap { Self.problem(ofName: $0, isPart: isPart) }
        if let problem { reading.error(SchemaReading.join(path, "name"), problem) }

        let type = reading.choice("type", of: map, at: path, as: AttributeType.self) ?? .string
        let mutability = reading.choice("mutability", of: map, at: path, as: Mutability.self) ?? .readWrite
        let isAlwaysExact = type == .reference || type == .binary
        definition = AttributeDefinition(
            name ?? "", type, isMultiValued: reading.flag("multiValued", of: map, at: path) ?? false,
            description: reading.text("description", of: map, at: path) ?? "",
            isRequired: reading.flag("required", of: map, at: path) ?? false,
            canonicalValues: reading.texts("canonicalValues", of: map, at: path) ?? [],
            isClosed: reading.flag("closed", of: map, at: path) ?? false,
            isCaseExact: reading.flag("caseExact", of: map, at: path) ?? isAlwaysExact, mutability: mutability,
            returned: reading.choice("returned", of: map, at: path, as: Returned.self)
                ?? (mutability == .writeOnly ? .never : .default),
            uniqueness: reading.choice("uniqueness", of: map, at: path, as: Uniqueness.self) ?? .none,
            referenceTypes: reading.texts("referenceTypes", of: map, at: path) ?? (type == .reference ? ["uri"] : []))
        let isIndexed = reading.flag("indexed", of: map, at: path) ?? false
        if isIndexed { indexed.append(definition.name) }
        readParts(of: map, at: path, isPart: isPart, &reading)
        check(at: path, isPart: isPart, isIndexed: isIndexed, &reading)
        if name == nil || problem != nil { return nil }
    }

    private mutating func readParts(of map: AttributeMap, at path: String, isPart: Bool, _ reading: inout SchemaReading) {
        let partsPath = SchemaReading.join(path, "subAttributes")
        guard let elements = reading.elements("subAttributes", of: map, at: path), !elements.isEmpty else {
            if definition.type == .complex, !isPart { reading.error(partsPath, "a complex attribute needs at least one sub-attribute") }
            return
        }
        guard definition.type == .complex else {
            reading.error(partsPath, "only attributes of the type complex have sub-attributes")
            return
        }
        if isPart { return }
        for (number, element) in elements.enumerated() {
            let place = "\(partsPath)[\(number)]"
            guard let part = AttributeFile(element, at: place, isPart: true, &reading) else { continue }
            if definition.subAttribute(part.definition.name) != nil {
                reading.error(SchemaReading.join(place, "name"), "'\(part.definition.name)' is defined twice; names compare without case")
                continue
            }
            definition.subAttributes.append(part.definition)
            indexed += part.indexed.map { definition.name + "." + $0 }
        }
    }

    /// Finds characteristics that do not go together.
    private func check(at path: String, isPart: Bool, isIndexed: Bool, _ reading: inout SchemaReading) {
        func error(_ member: String, _ problem: String) { reading.error(SchemaReading.join(path, member), problem) }
        let isText = definition.type == .string
        if isPart, definition.type == .complex { error("type", "a sub-attribute cannot be complex (RFC 7643 §2.3.8)") }
        if isPart, definition.isMultiValued { error("multiValued", "a sub-attribute with several values is not supported") }
        if !definition.canonicalValues.isEmpty, !isText {
            error("canonicalValues", "only attributes of the type string have canonical values")
        }
        if definition.isClosed, definition.canonicalValues.isEmpty {
            error("closed", "canonicalValues are missing, so that no value would be accepted")
        }
        if !definition.isCaseExact, definition.type == .reference || definition.type == .binary {
            error("caseExact", "values of the type \(definition.type.rawValue) are always case exact (RFC 7643 §2.3)")
        }
        if definition.mutability == .writeOnly, definition.returned != .never {
            error("returned", "what is writeOnly is never returned; leave the member out, or write never")
        }
        if definition.mutability == .readOnly, definition.isRequired {
            error("required", "no client can give a value for what is readOnly")
        }
        if definition.mutability == .readOnly, definition.returned == .never {
            error("returned", "what is readOnly and never returned has no use")
        }
        let isHidden = definition.mutability == .writeOnly || definition.returned == .never
        if definition.uniqueness != .none {
            switch definition.type {
            case .boolean, .dateTime, .binary, .complex:
                error("uniqueness", "values of the type \(definition.type.rawValue) cannot be unique (RFC 7643 §2.3)")
            case .string, .decimal, .integer, .reference:
                if isHidden { error("uniqueness", "what is never returned is not kept as it is, and cannot be unique") }
            }
        }
        if isIndexed, definition.type == .complex { error("indexed", "write it at the sub-attributes that are searched for") }
        if isIndexed, isHidden { error("indexed", "what is never returned is not searched for") }
        if definition.type != .reference, !definition.referenceTypes.isEmpty {
            error("referenceTypes", "only attributes of the type reference have reference types")
        }
        if isHidden, isPart || definition.type != .string || definition.isMultiValued {
            error("returned", "only a single string, and no sub-attribute, can be kept without being returned")
        }
    }

    /// What is wrong with a name, or nil (RFC 7643 §2.1).
    private static func problem(ofName name: String, isPart: Bool) -> String? {
        if isPart, name == "$ref" { return nil }
        guard name.utf8.count <= maximumNameBytes, name.utf8.first?.isLetter == true,
            name.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else {
            return "'\(name.prefix(40))' is no name: a letter is wanted, then letters, digits, '-' and '_' (RFC 7643 §2.1)"
        }
        if !isPart, let common = AttributeDefinition.common(name) {
            return "'\(common.name)' is an attribute of every resource (RFC 7643 §3.1); choose another name"
        }
        return nil
    }
}
