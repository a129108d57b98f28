import SCIM

// What libFuzzer does to bytes hardly ever leaves a PATCH message behind. Half of the time, the target `patch` gets its
// inputs from here: a message with one part of its tree changed.

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int) -> Int

/// Makes another input of the one in `data`, in its place.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ capacity: Int, _ seed: CUnsignedInt) -> Int {
    var mutator = JSONMutator(seed: seed)
    guard fuzzTarget == .patch, seed % 2 == 0,
        let value = try? AttributeValue(json: Array(UnsafeBufferPointer(start: data, count: count)))
    else { return mutateBytes(data, count, capacity) }
    let bytes = mutator.mutated(value).jsonBytes
    guard bytes.count <= capacity else { return mutateBytes(data, count, capacity) }
    for (offset, byte) in bytes.enumerated() { data[offset] = byte }
    return bytes.count
}

/// Changes one part of a JSON value.
private struct JSONMutator {
    private var state: UInt64

    init(seed: CUnsignedInt) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    private mutating func number(below limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % limit
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(below: elements.count)] }

    mutating func mutated(_ value: AttributeValue) -> AttributeValue {
        switch value {
        case .array(var elements):
            guard !elements.isEmpty else { return .array([leaf()]) }
            let place = number(below: elements.count)
            switch number(below: 10) {
            case 0: elements.remove(at: place)
            case 1: elements.append(elements[place])
            case 2: elements.swapAt(place, number(below: elements.count))
            case 3: return elements[place]
            default: elements[place] = mutated(elements[place])
            }
            return .array(elements)
        case .complex(let map):
            var members = map.members
            guard !members.isEmpty else { return .complex([pick(Self.names): leaf()]) }
            let place = number(below: members.count)
            switch number(below: 12) {
            case 0: members.remove(at: place)
            case 1, 2:
                let name = pick(Self.names)
                if map[name] == nil { members.append(.init(name: name, value: leaf())) }
            case 3:
                let name = pick(Self.names)
                if map[name] == nil { members[place].name = name }
            case 4: members[place].value = pick(members).value
            case 5: return .array([value])
            default: members[place].value = mutated(members[place].value)
            }
            return .complex(AttributeMap(members))
        default: return number(below: 8) == 0 ? .complex(["value": value]) : leaf()
        }
    }

    private mutating func leaf() -> AttributeValue {
        switch number(below: 8) {
        case 0: pick([nil, true, false, [], [:], 0, -7, .decimal(1.5)])
        case 1: pick(["True", "False", "", "work", "home", "bjensen@example.com", "QUJD", "2011-05-13T04:42:34Z", "\u{E9}", "e\u{301}"])
        case 2: .complex(["value": pick(["a", "b@x", "7", "26"]), "type": pick(["work", "home"]), "primary": pick([true, false])])
        case 3: .complex(["op": pick(["add", "Replace", "remove"]), "path": .string(path()), "value": pick(["a", true, []])])
        case 4, 5: .string(path())
        case 6: .string(pick(["add", "remove", "replace", "Add"]))
        default: .string(pick(Self.names))
        }
    }

    private mutating func path() -> String {
        let name = pick(Self.names)
        let filter = pick([
            "", "", "[type eq \"work\"]", "[primary eq true]", "[value eq \"a\"]", "[not (type pr)]", "[value sw \"b\" or primary ne true]",
        ])
        return name + filter + pick(["", "", ".value", ".type", ".primary", ".display", ".$ref"])
    }

    private static let names = [
        "Operations", "op", "path", "value", "type", "primary", "display", "$ref", "schemas", "id", "externalId", "meta", "userName",
        "name",
        "name.givenName", "familyName", "displayName", "active", "password", "emails", "emails.value", "phoneNumbers", "photos",
        "addresses",
        "locality", "groups", "roles", "entitlements", "x509Certificates", "members", "manager", "managerId", "department", "title",
        Schema.user.id, Schema.enterpriseUser.id, Schema.enterpriseUser.id + ":manager", Schema.enterpriseUser.id + ":manager.value",
        Schema.user.id + ":emails", Schema.group.id,
    ]
}
