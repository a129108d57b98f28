import MusterCore
import MusterLua
import SCIM

extension HostAPI {
    static let changeLimit: Int64 = 500

    /// `scim_changes({after, limit})`.
    mutating func addChanges() {
        let environment = environment
        async("scim_changes") { run, arguments in
            guard environment.permissions.scim.contains("changes:read") else {
                throw HostCallError("scim.changes is not permitted; add \"changes:read\" to permissions.scim in plugin.json")
            }
            let (run, options) = (try run.required(for: "scim.changes"), arguments.object(0))
            for member in options.members where !["after", "limit"].contains(member.key) {
                throw HostCallError("scim.changes has no option '\(member.key)'; known are after, limit")
            }
            let (after, limit) = (options["after"], options["limit"]?.integer ?? 100)
            guard after == nil || after == .null || (after?.integer ?? -1) >= 0 else {
                throw HostCallError("scim.changes: 'after' is the cursor that an earlier call gave")
            }
            guard 1...Self.changeLimit ~= limit else { throw HostCallError("scim.changes: 'limit' is from 1 to 500") }
            let page = try await environment.world.changes.read(run.tenant, after?.integer, Int(limit))
            return .object([
                "changes": .array(page.changes.map { LuaValue($0) }), "cursor": .integer(page.cursor), "gap": .boolean(page.hasGap),
            ])
        }
    }
}
