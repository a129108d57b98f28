/// What clients write in resources that RFC 7643 has not, and what they mean by it; one pure function for each.
public enum ResourceQuirks {
    /// The URN that is meant by `urn`: SCIM 1 and draft spellings become those of RFC 7643.
    ///
    /// OneLogin's default template names `urn:scim:schemas:core:2.0` and `urn:scim:schemas:extension:enterprise:2.0`,
    /// Google `urn:scim:schemas:core:1.0`; Microsoft's documented create has the extension's URN without its last colon.
    public static func schema(_ urn: String, in type: ResourceType) -> String {
        let drafts = ["urn:scim:schemas:core:1.0", "urn:scim:schemas:core:2.0", "urn:scim:schemas:core:2.0:" + type.name]
        if drafts.contains(where: { $0.isSameName(as: urn) }) { return type.schema }
        return enterpriseSpellings.contains { $0.isSameName(as: urn) } ? Schema.enterpriseUser.id : urn
    }

    private static let enterpriseSpellings = [
        "urn:scim:schemas:extension:enterprise:1.0", "urn:scim:schemas:extension:enterprise:2.0",
        "urn:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0User",
    ]

    /// The quirk in how a path names what it leads to, or nil when it names it as the schemas do.
    static func quirk(of path: AttributePath, leadingTo resolved: ResolvedAttribute, in type: ResourceType) -> Quirk? {
        guard let urn = path.schema else { return resolved.schema == nil ? nil : .extensionAttributeAtTop }
        // Of an extension's URN alone, the last part was read as an attribute.
        let named = resolved.attribute == nil && path.attribute != nil ? path.description : urn
        return named.isSameName(as: resolved.schema ?? type.schema) ? nil : .legacySchemaURN
    }

    /// The members of a client's body with each schema under its own URN, core attributes at the top, and attributes of
    /// an extension within it.
    ///
    /// Entra ID's documented create has the extension's `department` and `manager` at the top. There a value that does
    /// not fit is ignored rather than refused where unknown attributes are, since a client's own field may happen to
    /// have that name.
    /// - Throws: `invalidValue` for an attribute that stands where the dialect does not look for it.
    static func arranged(
        _ body: AttributeMap, of type: ResourceType, in registry: SchemaRegistry, _ reading: inout DialectReading
    ) throws(SCIMError) -> AttributeMap {
        let core = registry.schema(type.schema)?.attributes ?? []
        func isBase(_ name: String) -> Bool {
            core.contains { $0.name.isSameName(as: name) } || AttributeDefinition.common(name) != nil
        }
        func isInPlace(_ name: String) -> Bool {
            isBase(name) || (name.utf8.contains(UInt8(ascii: ":")) && type.schemaExtensions.contains { $0.schema == name })
        }
        if body.members.allSatisfy({ isInPlace($0.name) }) { return body }
        var (arranged, strays) = (AttributeMap(), [AttributeMap.Member]())
        for member in body.members {
            if isBase(member.name) {
                arranged.append(member.name, member.value)
                continue
            }
            var urn = schema(member.name, in: type)
            // An old URN that the dialect does not have is an unknown attribute.
            if urn != member.name, !reading.understands(.legacySchemaURN) { urn = member.name }
            if let found = registry.schemaExtension(urn, of: type) {
                arranged[found.id] = merged(arranged[found.id], member.value, of: found)
            } else if urn.isSameName(as: type.schema), let inner = member.value.complex,
                reading.understands(.coreAttributesUnderURN)
            {
                // Known names only, so that a hostile body costs no more than its length.
                for member in inner.members {
                    if !isBase(member.name) {
                        try meetUnknown(member.name, of: type, in: registry, &reading)
                    } else if body[member.name] == nil {
                        arranged[member.name] = member.value
                    }
                }
            } else {
                strays.append(member)
            }
        }
        for stray in strays { try place(stray, in: &arranged, of: type, registry, &reading) }
        return arranged
    }

    /// Puts an attribute of an extension that stands at the top into the extension, where it has none of that name.
    private static func place(
        _ stray: AttributeMap.Member, in body: inout AttributeMap, of type: ResourceType, _ registry: SchemaRegistry,
        _ reading: inout DialectReading
    ) throws(SCIMError) {
        guard let (urn, attribute) = registry.extensionAttribute(stray.name, of: type),
            reading.understands(.extensionAttributeAtTop)
        else { return try meetUnknown(stray.name, of: type, in: registry, &reading) }
        let present = body[urn] ?? [:]
        guard present.complex != nil, present[attribute.name] == nil else { return }
        do throws(SCIMError) {
            // The extension's own check reads it again; here it only shows whether it fits.
            var trial = reading
            guard try attribute.normalized(stray.value, at: stray.name, &trial) != nil else { return }
        } catch {
            if reading.understands(.unknownAttributes) { return }
            throw error
        }
        var part = present.complex ?? [:]
        part.append(attribute.name, stray.value)
        body[urn] = .complex(part)
    }

    /// Meets an attribute that the resource type has not at the top.
    private static func meetUnknown(
        _ name: String, of type: ResourceType, in registry: SchemaRegistry, _ reading: inout DialectReading
    ) throws(SCIMError) {
        try reading.meet(.unknownAttributes, else: .invalidValue(unknown(name, of: type, in: registry)))
    }

    /// What is said about an attribute that no schema has in this place, with the nearest name that one has.
    static func unknown(_ name: String, of type: ResourceType, in registry: SchemaRegistry) -> String {
        let named = "\(name.prefix(100)): \(type.name) has no such attribute"
        if let (urn, attribute) = registry.extensionAttribute(name, of: type) {
            return named + "; it is '\(urn):\(attribute.name)'"
        }
        var known = AttributeDefinition.common.map(\.name)
        for urn in [type.schema] + type.schemaExtensions.map(\.schema) {
            known += registry.schema(urn)?.attributes.map(\.name) ?? []
        }
        return named + NearestName.suffix(name, among: known)
    }

    /// Both objects in one, with the attributes that `schema` has; the first to name one has it. A value that is no
    /// object stands alone.
    private static func merged(_ first: AttributeValue?, _ second: AttributeValue, of schema: Schema) -> AttributeValue {
        guard case .complex(var map)? = first else { return second }
        for member in second.complex?.members ?? [] where schema.attribute(member.name) != nil && map[member.name] == nil {
            map.append(member.name, member.value)
        }
        return .complex(map)
    }
}
