package import SCIM

/// If this, then that: one rule about people.
package struct MappingRule: Sendable, Hashable {
    /// How many of the conditions must hold.
    package enum Match: String, Sendable, Hashable, CaseIterable {
        case all, any
    }

    /// How a value is compared. Texts compare without case.
    package enum Comparison: String, Sendable, Hashable, CaseIterable {
        case equals, contains, greater, less
        case notEquals = "not_equals"
        case notContains = "not_contains"
        case startsWith = "starts_with"
        case endsWith = "ends_with"
        case isOneOf = "in"
        case isEmpty = "is_empty"
        case isPresent = "is_present"

        /// Whether it compares with a value at all.
        var wantsValue: Bool { self != .isEmpty && self != .isPresent }
    }

    /// One condition.
    package struct Condition: Sendable, Hashable {
        /// A name of ``Macro`` without `user.`, such as `department`, `email` or `groups`; `custom_fields.NAME`; or a SCIM path.
        package var source: String
        /// How it is compared.
        package var comparison: Comparison
        /// With what; several for `in`, none where no value is wanted.
        package var values: [String]
    }

    /// What is done when a rule fires.
    package enum Action: Sendable, Hashable {
        /// Sets an attribute; texts may hold macros. Null unassigns it.
        case set(path: String, value: AttributeValue)
        /// The groups at targets, in the place of those that earlier rules named.
        case setGroups([String])
        /// More groups.
        case addGroups([String])
        /// The person goes to a target.
        case assign(target: String)
    }

    /// What a person calls it.
    package var name: String
    /// How many of the conditions must hold.
    package var match: Match
    /// The conditions; none holds for everybody.
    package var conditions: [Condition]
    /// What is done.
    package var actions: [Action]
    /// Whether no later rule is looked at once it fired.
    package var stops: Bool
}

/// A tenant's rules, in their order.
package struct MappingRules: Sendable, Hashable {
    /// The rules.
    package var rules: [MappingRule]

    package init(rules: [MappingRule] = []) { self.rules = rules }
}
