package import MusterCore
package import SCIM

/// What differs between the calls that two runs of one event make.
package struct CallDifference: Sendable, Hashable {
    /// How.
    package enum Kind: String, Sendable, Hashable {
        /// The first run makes it, the second does not.
        case missing
        /// The second run makes it, the first does not.
        case added
        /// Both make it, but not alike.
        case changed
    }

    /// How.
    package var kind: Kind
    /// Its place among the calls of the run that makes it, from 1; where both do, of the second.
    package var position: Int
    /// What names the call; see ``RecordedCall/title``.
    package var call: String
    /// What is not alike: `method`, `target`, `headers.NAME`, `body`, or where both bodies are JSON a path such as
    /// `body.items[2].name`. Empty unless it is changed.
    package var details: [AttributeChange]

    /// A line for the call, and one for each detail.
    package var lines: [String] {
        let mark = [Kind.missing: "-", .added: "+", .changed: "~"][kind] ?? " "
        func text(_ value: AttributeValue?) -> String { value?.sortedText().cut(to: 200) ?? "nothing" }
        return ["\(mark) \(call)"] + details.map { "    \($0.path): \(text($0.from)) → \(text($0.to))" }
    }

    /// The difference as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = ["kind": .string(kind.rawValue), "position": .integer(Int64(position)), "call": .string(call)]
        if !details.isEmpty { map.append("details", .array(details.map(\.document))) }
        return .complex(map)
    }
}

extension AttributeChange {
    /// The change as JSON: `{path, from, to}`, where what is nil is left out.
    package var document: AttributeValue {
        var map: AttributeMap = ["path": .string(path)]
        if let from { map.append("from", from) }
        if let to { map.append("to", to) }
        return .complex(map)
    }
}

/// Compares the calls of two runs of one event. Their order counts; a call that comes in between shifts only itself.
package enum CallComparison {
    /// The differences in the order of the second run.
    package static func differences(from old: [RecordedCall], to new: [RecordedCall]) -> [CallDifference] {
        let pairs = aligned(old.map(\.identity), new.map(\.identity))
        var found: [CallDifference] = []
        var (gone, come): ([Int], [Int]) = ([], [])
        func flush() {
            // Calls that stand in each other's place are one call that has changed, as far as they are of one kind.
            for first in gone {
                guard let index = come.firstIndex(where: { new[$0].kind == old[first].kind }) else { continue }
                let second = come.remove(at: index)
                found.append(changed(old[first], new[second], at: second))
                gone.removeAll { $0 == first }
            }
            found += gone.map { CallDifference(kind: .missing, position: $0 + 1, call: old[$0].title, details: []) }
            found += come.map { CallDifference(kind: .added, position: $0 + 1, call: new[$0].title, details: []) }
            (gone, come) = ([], [])
        }
        for pair in pairs {
            switch pair {
            case (let first?, let second?):
                flush()
                let difference = changed(old[first], new[second], at: second)
                if !difference.details.isEmpty { found.append(difference) }
            case (let first?, nil): gone.append(first)
            case (nil, let second?): come.append(second)
            default: break
            }
        }
        flush()
        return found
    }

    private static func changed(_ old: RecordedCall, _ new: RecordedCall, at index: Int) -> CallDifference {
        var details: [AttributeChange] = []
        func compare(_ path: String, _ from: AttributeValue?, _ to: AttributeValue?) {
            if from != to { details.append(AttributeChange(path: path, from: from, to: to)) }
        }
        compare("method", .string(old.method), .string(new.method))
        compare("target", .string(old.target), .string(new.target))
        let names = Set((old.headers + new.headers).map(\.name)).sorted()
        for name in names { compare("headers.\(name)", old.header(name), new.header(name)) }
        details += differences("body", old.body, new.body)
        return CallDifference(kind: .changed, position: index + 1, call: new.title, details: details)
    }

    private static func differences(_ path: String, _ old: RecordedCall.Body, _ new: RecordedCall.Body) -> [AttributeChange] {
        guard old != new else { return [] }
        if let from = try? AttributeValue(json: old.text), let to = try? AttributeValue(json: new.text) {
            // The order of members is no difference: Lua's tables have none.
            return differences(path, from, to)
        }
        func text(_ body: RecordedCall.Body) -> AttributeValue? {
            guard body.bytes > 0 else { return nil }
            return .string(body.text + (body.digest.map { " (\(body.bytes) bytes, SHA-256 \($0))" } ?? ""))
        }
        return [AttributeChange(path: path, from: text(old), to: text(new))]
    }

    private static func differences(_ path: String, _ old: AttributeValue?, _ new: AttributeValue?) -> [AttributeChange] {
        guard old != new else { return [] }
        switch (old, new) {
        case (.complex(let from)?, .complex(let to)?):
            let names = from.members.map(\.name) + to.members.map(\.name).filter { from[$0] == nil }
            return names.sorted().flatMap { differences("\(path).\($0)", from[$0], to[$0]) }
        case (.array(let from)?, .array(let to)?):
            return (0..<max(from.count, to.count)).flatMap { index in
                differences("\(path)[\(index)]", from.dropFirst(index).first, to.dropFirst(index).first)
            }
        default: return [AttributeChange(path: path, from: old, to: new)]
        }
    }

    /// The two lists side by side, with as many equal pairs as there can be in order.
    private static func aligned(_ old: [String], _ new: [String]) -> [(Int?, Int?)] {
        var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var pairs: [(Int?, Int?)] = []
        var (first, second) = (0, 0)
        while first < old.count || second < new.count {
            if first < old.count, removed.contains(first) {
                pairs.append((first, nil))
                first += 1
            } else if second < new.count, inserted.contains(second) {
                pairs.append((nil, second))
                second += 1
            } else {
                pairs.append((first, second))
                first += 1
                second += 1
            }
        }
        return pairs
    }
}

extension RecordedCall {
    /// What makes two calls the same one, whatever they carry: where they go, without the query.
    fileprivate var identity: String { "\(kind.rawValue) \(method) \(target.prefix { $0 != "?" })" }

    fileprivate func header(_ name: String) -> AttributeValue? {
        let values = headers.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : .string(values.joined(separator: ", "))
    }
}
