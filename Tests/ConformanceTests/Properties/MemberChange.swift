/// One change of a group's members, as a set that some order of changes is played on.
struct MemberChange: Sendable {
    enum Kind: Sendable, CaseIterable {
        /// The members join.
        case add
        /// They leave, named by the value of the operation.
        case removeByValue
        /// They leave, named by a filter.
        case removeByFilter
        /// They and nobody else are members.
        case replace
    }

    var kind: Kind
    /// The members that are named, by their places among the users.
    var members: Set<Int>

    /// Whether `member` is one after the change, or nil when the change does not touch him.
    func leaves(_ member: Int) -> Bool? {
        switch kind {
        case .replace: members.contains(member)
        case .add: members.contains(member) ? true : nil
        case .removeByValue, .removeByFilter: members.contains(member) ? false : nil
        }
    }

    /// The PATCH message.
    func message(_ ids: [String]) -> ReferenceValue {
        let named = members.sorted().map { ids[$0] }
        let values = ReferenceValue.array(named.map { ["value": .string($0)] })
        let operation: ReferenceValue =
            switch kind {
            case .add: ["op": "add", "path": "members", "value": values]
            case .removeByValue: ["op": "remove", "path": "members", "value": values]
            case .removeByFilter:
                ["op": "remove", "path": .string("members[" + named.map { "value eq \"\($0)\"" }.joined(separator: " or ") + "]")]
            case .replace: ["op": "replace", "path": "members", "value": values]
            }
        return ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]]
    }
}

extension MemberChange {
    /// Whether some serial order of all `changes`, beginning with the members `before`, ends with the members `after`.
    ///
    /// The order is built from its end. A change can stand last among those left when all that it does to members who are
    /// not settled agrees with the end; then whatever stands before it cannot matter to those it touches, and they are
    /// settled. Settling more members never makes a change unfit that was fit, so that it does not matter which fit
    /// one is taken: when none fits, there is no such order. Who is settled by no change must be as he was.
    static func isSerial(_ changes: [MemberChange], from before: Set<Int>, to after: Set<Int>, of users: Range<Int>) -> Bool {
        var (left, unsettled) = (changes, Set(users))
        while let last = left.firstIndex(where: { change in
            unsettled.allSatisfy { change.leaves($0) == nil || change.leaves($0) == after.contains($0) }
        }) {
            let change = left.remove(at: last)
            unsettled = unsettled.filter { change.leaves($0) == nil }
        }
        return left.isEmpty && unsettled.allSatisfy { before.contains($0) == after.contains($0) }
    }
}
