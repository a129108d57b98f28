/// Makes users and PATCH requests at random, of few names and values, so that they meet often.
struct PatchGenerator {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

    /// Whether something happens that does once in `times`.
    private mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &random) == 0 }

    // MARK: Users

    /// A user to begin with, named `userName`, without `schemas`.
    mutating func user(named userName: String) -> [String: ReferenceValue] {
        var user: [String: ReferenceValue] = ["userName": .string(userName), "active": .boolean(once(in: 2))]
        for name in ["displayName", "nickName", "title"] where once(in: 2) { user[name] = text() }
        if once(in: 2) { user["name"] = .object(["givenName": text(), "familyName": text()]) }
        for name in ["emails", "phoneNumbers", "addresses"] where !once(in: 4) {
            let values = distinctValues(of: name, count: Int.random(in: 1...4, using: &random))
            user[name] = .array(values.map { .object($0) })
        }
        if once(in: 2) { user[PatchReference.extensionURN] = ["department": text(), "manager": ["value": reference()]] }
        return user
    }

    /// Values of which no two are the same and at most one is primary.
    private mutating func distinctValues(of name: String, count: Int) -> [[String: ReferenceValue]] {
        var values: [[String: ReferenceValue]] = []
        for number in 0..<count {
            var value = self.value(of: name)
            value["type"] = .string(["work", "home", "other", "Work"][number])
            if values.contains(where: { $0["primary"] == true }) { value["primary"] = nil }
            values.append(value)
        }
        return values
    }

    // MARK: Requests

    /// Requests of one to four operations each.
    mutating func requests(count: Int) -> [[PatchStep]] {
        (0..<count).map { _ in (0..<pick([1, 1, 2, 3, 4])).map { _ in step() } }
    }

    private mutating func step() -> PatchStep {
        if once(in: 30) { return odd() }
        var step = PatchStep(kind: pick(PatchStep.Kind.allCases), isShouted: once(in: 8))
        if step.kind != .remove, once(in: 5) {
            step.value = .object(members())
            return step
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1:
            step.target = .init(attribute: pick(["displayName", "nickName", "title"]))
            step.value = text()
        case 2:
            step.target = .init(attribute: "name")
            if once(in: 2) { step.target?.part = pick(["givenName", "familyName", "middleName"]) }
            step.value = step.target?.part == nil ? name() : text()
        case 3:
            step = extensionStep(step)
        case 4 where step.kind != .remove:
            step.target = .init(attribute: "active")
            step.value = .boolean(once(in: 2))
        default: step = pluralStep(step)
        }
        // A value is given to `remove` only where it has a meaning.
        if step.kind == .remove, step.target?.attribute != "emails" || step.target?.part != nil || step.target?.condition != nil {
            step.value = nil
        } else if step.kind != .remove, step.target?.attribute != "active", once(in: 15) {
            step.value = .null
        }
        return step
    }

    private mutating func extensionStep(_ given: PatchStep) -> PatchStep {
        var step = given
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            step.target = .init(isExtension: true, attribute: pick(["department", "employeeNumber"]))
            step.value = text()
        case 1:
            step.target = .init(isExtension: true, attribute: "manager")
            step.value = ["value": reference()]
        case 2:
            step.target = .init(isExtension: true, attribute: "manager", part: "value")
            step.value = reference()
        default:
            step.target = .init(isExtension: true)
            step.value = ["department": text(), "employeeNumber": once(in: 4) ? .null : text()]
        }
        return step
    }

    private mutating func pluralStep(_ given: PatchStep) -> PatchStep {
        var step = given
        let attribute = pick(["emails", "emails", "phoneNumbers", "addresses"])
        var target = PatchStep.Target(attribute: attribute)
        if !once(in: 3) { target.condition = condition(on: attribute, depth: 2) }
        if once(in: 2) { target.part = pick(Self.parts(of: attribute)) }
        step.target = target
        if let part = target.part {
            step.value = part == "primary" ? .boolean(!once(in: 3)) : part == "type" ? type() : text()
        } else if target.condition != nil {
            step.value = .object(value(of: attribute))
        } else {
            step.value = once(in: 3) ? .object(value(of: attribute)) : .array(values(of: attribute))
        }
        if step.kind == .remove, once(in: 2) { step.value = nil }
        return step
    }

    /// What a client should not send.
    private mutating func odd() -> PatchStep {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: PatchStep(kind: .remove)
        case 1: PatchStep(kind: .remove, target: .init(attribute: "userName"))
        case 2: PatchStep(kind: .replace, target: .init(attribute: "userName"), value: .null)
        case 3: PatchStep(kind: pick(PatchStep.Kind.allCases), target: .init(attribute: "groups"), value: [["value": "8"]])
        case 4: PatchStep(kind: .add, target: .init(attribute: "shoeSize"), value: "44")
        case 5: PatchStep(kind: .replace, target: .init(attribute: "name", condition: .present("givenName")), value: ["givenName": "A"])
        case 6: PatchStep(kind: .replace, target: .init(attribute: "title"), value: ["a": "b"])
        case 7: PatchStep(kind: .add, target: .init(attribute: "emails"), value: [["value": ["a": "b"]]])
        default: PatchStep(kind: .add, target: .init(attribute: "emails", part: "nope"), value: "x")
        }
    }

    // MARK: Values

    /// Attributes for an operation without a path, none of them twice.
    private mutating func members() -> [String: ReferenceValue] {
        var members: [String: ReferenceValue] = [:]
        if once(in: 2) { members[pick(["title", "nickName"])] = once(in: 6) ? .null : text() }
        if once(in: 2) { members[once(in: 2) ? "name" : "name.givenName"] = nil }
        if once(in: 3) { members["name"] = name() } else if once(in: 3) { members["name.givenName"] = text() }
        if once(in: 2) { members[pick(["emails", "phoneNumbers"])] = .array(values(of: "emails")) }
        if once(in: 3) { members["addresses"] = .object(value(of: "addresses")) }
        if once(in: 4) { members["active"] = .boolean(once(in: 2)) }
        if once(in: 6) { members["groups"] = [["value": "8"]] }
        if once(in: 3) {
            members[PatchReference.extensionURN] = ["department": text(), "manager": ["value": reference()]]
        } else if once(in: 3) {
            members[PatchReference.extensionURN + ":department"] = text()
        }
        if members.isEmpty { members["displayName"] = text() }
        return members
    }

    private mutating func name() -> ReferenceValue {
        var name: [String: ReferenceValue] = [pick(["givenName", "familyName"]): text()]
        if once(in: 3) { name["middleName"] = .null }
        return .object(name)
    }

    private mutating func values(of attribute: String) -> [ReferenceValue] {
        (0..<pick([0, 1, 1, 2, 3])).map { _ in .object(value(of: attribute)) }
    }

    private mutating func value(of attribute: String) -> [String: ReferenceValue] {
        var value: [String: ReferenceValue] =
            attribute == "addresses" ? ["locality": pick(["Bonn", "Paris"]), "country": pick(["DE", "FR"])] : ["value": text()]
        if !once(in: 3) { value["type"] = type() }
        if once(in: 4) { value["primary"] = .boolean(!once(in: 3)) }
        if once(in: 5), attribute != "addresses" { value["display"] = text() }
        return value
    }

    private static func parts(of attribute: String) -> [String] {
        attribute == "addresses" ? ["locality", "country", "type", "primary"] : ["value", "value", "type", "display", "primary"]
    }

    private mutating func condition(on attribute: String, depth: Int) -> PatchStep.Condition {
        let part = attribute == "addresses" ? "locality" : "value"
        switch Int.random(in: 0..<(depth == 0 ? 6 : 10), using: &random) {
        case 0, 1: return .equals("type", type())
        case 2: return .equals(part, attribute == "addresses" ? "bonn" : text())
        case 3: return .equals("primary", .boolean(!once(in: 4)))
        case 4: return .starts(part, pick(["a", "B"]))
        case 5: return pick([.differs("type", "work"), .present("type"), .contains(part, "@")])
        case 6: return .not(condition(on: attribute, depth: depth - 1))
        case 7: return .either(condition(on: attribute, depth: depth - 1), condition(on: attribute, depth: depth - 1))
        default: return .both(condition(on: attribute, depth: depth - 1), condition(on: attribute, depth: depth - 1))
        }
    }

    private mutating func text() -> ReferenceValue { pick(["a", "A", "b@x.org", "c@x.org"]) }

    private mutating func type() -> ReferenceValue { pick(["work", "work", "home", "other", "Home"]) }

    private mutating func reference() -> ReferenceValue { pick(["26", "27"]) }
}
