package import MusterCore
package import SCIM

/// All that a plan depends on: what is known of one person and one target at one time.
package struct Situation: Sendable {
    /// The person; nil where they left the directory.
    package var person: Person?
    /// What ties them to the target; nil for nothing.
    package var link: TargetLink?
    /// What the rules made of them.
    package var outcome: MappingOutcome
    /// Whether an administrator assigned them to the target, themselves or through one of their groups.
    package var isAssigned: Bool
    /// The display names of the target's groups which the assignments name.
    package var assignedGroups: [String]
    /// What the person becomes at the target; nil where there is no person. Set before planning, since a hook may shape it.
    package var document: AttributeValue?
    /// Whether a manager was left out of the document who has no account there.
    package var awaitsManager = false
    /// What a person should know about the document, such as that a custom field is there in another spelling.
    package var notes: [String] = []
    /// The version of the mapping rules that were used.
    package var rules: Int64
    /// The time of planning.
    package var now: Timestamp

    package init(
        person: Person?, link: TargetLink?, outcome: MappingOutcome = MappingOutcome(), isAssigned: Bool = false,
        assignedGroups: [String] = [], document: AttributeValue? = nil, rules: Int64 = 0, now: Timestamp
    ) {
        self.person = person
        self.link = link
        self.outcome = outcome
        self.isAssigned = isAssigned
        self.assignedGroups = assignedGroups
        self.document = document
        self.rules = rules
        self.now = now
    }

    /// Whether the person goes to a target.
    package func isInScope(of definition: TargetDefinition) -> Bool {
        guard let person else { return false }
        let scope = definition.scope
        let isBrought =
            scope.everyone || isAssigned || outcome.targets.contains(definition.name)
            || person.groups.contains { group in scope.groups.contains { $0 == group.id || $0.isSameName(as: group.name) } }
        guard isBrought, let filter = scope.filter else { return isBrought }
        return filter.matches(person.filterable, of: .user, in: .standard)
    }
}

extension Person {
    /// The user as a filter sees them, with their groups.
    var filterable: Resource {
        var resource = user
        resource["groups"] = .array(groups.map { ["value": .string($0.id), "display": .string($0.name)] })
        return resource
    }
}
