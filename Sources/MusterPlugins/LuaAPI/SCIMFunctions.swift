import MusterCore
import MusterLua
import SCIM

extension HostAPI {
    static let findLimit: Int64 = 200

    /// `scim_get(type, id)`, `scim_find(type, filter, {startIndex, count})`, and what changes the directory.
    mutating func addSCIM() {
        let environment = environment
        async("scim_get") { run, arguments in
            let (run, type) = try environment.opened(run, arguments, "scim.get", "read")
            let id = try arguments.string(1, "scim.get: the id")
            return try await Self.asked("scim.get") { try await environment.world.scim.get(type, id, run.tenant) }.map { LuaValue($0) }
        }
        async("scim_find") { run, arguments in
            let (run, type) = try environment.opened(run, arguments, "scim.find", "read")
            let filter = try arguments.optionalString(1, "scim.find: the filter")
            let options = arguments.object(2)
            for member in options.members where !["startIndex", "count"].contains(member.key) {
                throw HostCallError("scim.find has no option '\(member.key)'; known are startIndex, count")
            }
            let (start, count) = (options["startIndex"]?.integer ?? 1, options["count"]?.integer ?? 100)
            guard start >= 1, 0...Self.findLimit ~= count else {
                throw HostCallError("scim.find: startIndex is at least 1, count from 0 to 200")
            }
            let list = try await Self.asked("scim.find") {
                try await environment.world.scim.find(type, filter, Int(clamping: start), Int(count), run.tenant)
            }
            return .object([
                "resources": LuaValue(list["Resources"] ?? []), "total": .integer(list["totalResults"]?.integer ?? 0),
            ])
        }
        addSCIMWrites()
    }

    /// The directory's answer; its refusal as the script's error.
    static func asked<Answer>(_ function: String, _ ask: () async throws -> Answer) async throws -> Answer {
        do { return try await ask() } catch let error as SCIMError {
            let kind = error.scimType.map { "\($0): " } ?? ""
            throw HostCallError("\(function): \(kind)\(error.detail)")
        }
    }
}

extension PluginEnvironment {
    /// The run and the resource type of a call, once it is sure that the plugin may have it.
    /// - Parameter access: `read` or `write`.
    func opened(
        _ run: RunContext?, _ arguments: Arguments, _ function: String, _ access: String
    ) throws(HostCallError) -> (RunContext, String) {
        let type = try arguments.string(0, "\(function): the resource type")
        guard let resources = ["User": "users", "Group": "groups"][type] else {
            throw HostCallError("\(function): the resource type is \"User\" or \"Group\", not \"\(type.prefix(64))\"")
        }
        let permission = "\(resources):\(access)"
        guard permissions.scim.contains(permission) else {
            throw HostCallError("\(function) of \(type) is not permitted; add \"\(permission)\" to permissions.scim in plugin.json")
        }
        return (try run.required(for: function), type)
    }
}
