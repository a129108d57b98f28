import Logging
import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// What one call of Lua takes: so many resources, or fewer where they are long.
    static let batchLimit = (resources: 50, values: 5_000)
    /// A longer list of an attribute's values, such as a large group's members, stays out of Lua.
    static let listLimit = 1_000

    /// Lets `onRead` shape resources of one answer.
    /// - Throws: `SCIMError` when the plugin fails and its manifest says `refuse`.
    func shape(_ resources: [Resource], of resourceType: String, for request: RequestOrigin) async throws -> [Resource] {
        var shaped: [Resource] = []
        for batch in Self.batches(resources) {
            let input = HookInput(reading: batch, resourceType, request, config: config)
            guard let results = try await agreed(input)?.array, results.count == batch.count else {
                shaped += batch.map(\.resource)
                continue
            }
            do {
                shaped += try zip(batch, results).map { try $0.shaped($1, ContextField(resourceType)) }
            } catch let failure as PluginFailure {
                logger.error("plugin '\(name)' failed: \(failure.description)", metadata: metadata(input.context))
                try refuse(failure.summary, input.context)
                shaped += batch.map(\.resource)
            }
        }
        return shaped
    }

    private static func batches(_ resources: [Resource]) -> [[ResourceCopy]] {
        var (batches, values): ([[ResourceCopy]], Int) = ([], 0)
        for resource in resources {
            let copy = ResourceCopy(resource)
            if batches.isEmpty || batches[batches.endIndex - 1].count >= batchLimit.resources || values + copy.values > batchLimit.values {
                batches.append([])
                values = 0
            }
            batches[batches.endIndex - 1].append(copy)
            values += copy.values
        }
        return batches
    }
}

/// A resource on its way through `onRead`.
struct ResourceCopy: Sendable {
    /// The resource.
    let resource: Resource
    /// How many values each list has that is too long to be passed; the hook sees it empty.
    private(set) var omitted: [(name: String, count: Int)] = []
    /// How many values are passed, about.
    private(set) var values = 0

    init(_ resource: Resource) {
        self.resource = resource
        for member in resource.attributes.members {
            let count = member.value.array?.count ?? member.value.complex?.count ?? 1
            if count > Plugin.listLimit { omitted.append((member.name, count)) } else { values += count }
        }
    }

    /// What Lua is given.
    func luaValue(_ field: ContextField) -> LuaValue {
        var copy = LuaObject(resource.attributes)
        var counts = LuaObject()
        for (name, count) in omitted {
            copy[name] = .array([])
            counts[name] = .integer(Int64(count))
        }
        return [field.rawValue: .object(copy), "omitted": .object(counts)]
    }

    /// The resource as the hook left it. A list that it was shown empty is whole again where it was left so.
    func shaped(_ result: LuaValue, _ field: ContextField) throws(PluginFailure) -> Resource {
        guard let value = result[field.rawValue], var shaped = Resource(hookResult: value) else {
            throw PluginFailure(kind: "wrong result", message: "ctx.\(field.rawValue) is no table any more")
        }
        for (name, _) in omitted where value[name]?.array?.isEmpty == true { shaped[name] = resource[name] }
        return shaped
    }
}
