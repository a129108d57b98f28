extension TargetDefinition.Guard {
    /// Whether so many removals are more than may happen without somebody's word.
    /// - Parameters:
    ///   - removals: How many accounts are deactivated or deleted, together.
    ///   - active: How many were active before.
    package func stops(removals: Int, active: Int) -> Bool {
        removals > count && Double(removals) * 100 > percent * Double(active)
    }
}
