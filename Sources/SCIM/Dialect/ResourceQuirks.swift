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

    /// The members of a client's body with each schema under its own URN, core attributes at the top, and attributes of
    /// an extension within it.
    ///
    /// Entra ID's documented create has the extension's `department` and `manager` at the top. There a value that does
    /// not fit is ignored rather than refused, since a client's own field may happen to have that name.
    static func arranged(_ body: AttributeMap, of type: ResourceType, in registry: SchemaRegistry) -> AttributeMap {
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
            let urn = schema(member.name, in: type)
            if isBase(member.name) {
                arranged.append(member.name, member.value)
            } else if let found = registry.schemaExtension(urn, of: type) {
                arranged[found.id] = merged(arranged[found.id], member.value, of: found)
            } else if urn.isSameName(as: type.schema), let inner = member.value.complex {
                // Known names only, so that a hostile body costs no more than its length.
                for member in inner.members where isBase(member.name) && body[member.name] == nil {
                    arranged[member.name] = member.value
                }
            } else {
                strays.append(member)
            }
        }
        for stray in strays {
            guard let (urn, attribute) = registry.extensionAttribute(stray.name, of: type) else { continue }
            let present = arranged[urn] ?? [:]
            guard present.complex != nil, present[attribute.name] == nil,
                let value = try? attribute.normalized(stray.value, at: stray.name)
            else { continue }
            var part = present.complex ?? [:]
            part.append(attribute.name, value)
            arranged[urn] = .complex(part)
        }
        return arranged
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

    /// A value of `manager` as RFC 7643 §4.3 has it: OneLogin's SCIM 1.1 template writes `managerId` for `value`;
    /// Entra ID takes a manager away with `""`, bare or as `value`.
    static func manager(_ value: AttributeValue) -> AttributeValue {
        if value.string == "" { return .null }
        guard case .complex(var map) = value else { return value }
        if map["value"] == nil, let id = map["managerId"] {
            map["managerId"] = nil
            map["value"] = id
        }
        return map["value"]?.string == "" ? .null : .complex(map)
    }
}
