import MusterCore
import SCIM

/// Tells for many people what will be done, without their documents: those are made when each is planned.
struct Forecast: Sendable {
    private let reader: SituationReader
    private let planner: Planner
    private let now: Timestamp

    /// - Parameter reappliesRules: Whether `rules` hold for those too who have an account made by older ones.
    init(target: KnownTarget, rules: VersionedRules, reappliesRules: Bool, now: Timestamp) {
        let tenant = target.row.tenant
        reader = SituationReader(target: target, rules: rules, reappliesRules: reappliesRules) { version, transaction in
            try Provisioner.rules(version, in: tenant, transaction)
        }
        planner = Planner(target.definition, groups: target.groups)
        self.now = now
    }

    /// What will be done for a person, as far as no script says otherwise.
    func decision(on key: ResourceKey, in transaction: any ReadTransaction) throws -> Planner.Decision {
        var situation = try reader.situation(of: key, now: now, in: transaction)
        situation.document = situation.person.map { sketch(of: $0, situation.outcome.settings) }
        return planner.decide(situation)
    }

    /// What stands for somebody's document: the person, switched off where the template makes them so.
    private func sketch(of person: Person, _ settings: [MappingOutcome.Setting]) -> AttributeValue {
        let isSwitchedOff = planner.definition.template.render(person, settings: settings).document.saysInactive
        let user = AttributeValue.complex(person.user.attributes)
        return isSwitchedOff ? user.inactive : user
    }
}
