extension TargetDefinition.Approval {
    /// Which decisions a plan waits for; empty where it may be carried out at once.
    package func needed(by plan: ProvisioningPlan) -> Set<PlannedOperation.Approval> {
        Set(plan.operations.map(\.approval).filter(isNeeded))
    }

    private func isNeeded(_ approval: PlannedOperation.Approval) -> Bool {
        switch approval {
        case .create: create
        case .update: update
        case .delete: delete
        case .groups: groups
        }
    }
}
