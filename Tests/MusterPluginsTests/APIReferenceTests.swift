import Foundation
import MusterCore
import MusterLua
import SCIM
import Testing

@testable import MusterPlugins

@Suite("API reference")
struct APIReferenceTests {
    // MARK: The table registers the API

    /// Opens a machine on a reference and gives the error that loading ends with.
    private func problem(_ change: (inout APIReference) -> Void, specs: (inout APIReference) -> Void = { _ in }) async throws -> String? {
        var (plugins, testing) = (APIReference.plugins, APIReference.specs)
        change(&plugins)
        specs(&testing)
        let manifest = PluginManifest(name: "probe")
        let nowhere = URL(filePath: "/nonexistent/x.snap.json")
        let snapshots = try SnapshotFile(url: nowhere, name: "x", isUpdating: false)
        let world = SpecWorld(manifest)
        let worlds = SpecWorlds(world: world, directory: .temporaryDirectory, factory: nil, recordsCoverage: false)
        let api = SpecAPI(world: world, registry: RunRegistry(), snapshots: snapshots, worlds: worlds).api
        do {
            _ = try await LuaMachine(
                thread: LuaThread(label: "probe"), name: "probe", host: api.functions,
                preludes: [LuaPrelude(name: "muster", source: Prelude.source(PackageResources.prelude_lua, plugins))]
                    + Prelude.specs(testing), file: "probe/init.lua", source: "return {}")
            return nil
        } catch let error as LuaError { return error.message }
    }

    @Test("what the prelude exposes is what the table names: an entry more or less fails to load, on both sides")
    func bothDirections() async throws {
        #expect(try await problem { _ in } == nil)
        let kv = try #require(APIReference.plugins.modules.firstIndex { $0.name == "muster.kv" })
        #expect(try await problem { $0.modules[kv].functions.removeLast() } == "'muster.kv.incr' has no entry in the API's reference")
        #expect(
            try await problem { $0.modules[kv].functions[0].name = "fetch" } != nil, "a name that nobody implements, and one without entry")
        #expect(
            try await problem { $0.modules[kv].functions.append(APIFunction("lock", [], "Locks.", example: "")) }
                == "the API's reference names 'muster.kv.lock', which is not there")
        #expect(try await problem { $0.contexts[0].fields.append(.required("wand", "any", "Magic.", .made)) }?.contains("ctx.wand") == true)
        let test = try #require(APIReference.specs.modules.firstIndex { $0.name == "test.kv" })
        #expect(
            try await problem({ _ in }, specs: { $0.modules[test].functions.removeLast() })
                == "'test.kv.set' has no entry in the API's reference")
        #expect(
            try await problem({ _ in }, specs: { $0.modules[test].functions.append(APIFunction("lock", [], "Locks.", example: "")) })
                == "the API's reference names 'test.kv.lock', which is not there")
    }

    @Test("every host function does the work of an entry, and every entry's host functions are there")
    func hostFunctions() {
        let environment = SpecWorld(PluginManifest(name: "probe")).environment
        let there = Set(HostAPI(environment: environment, runs: MachineRuns(RunRegistry())).functions.names)
        let named = Set(APIReference.hostPhases.keys)
        #expect(named.subtracting(there).isEmpty)
        #expect(there.subtracting(named) == ["begin", "group_effect", "lazy", "near"], "these are the host's own")
    }

    @Test("every hook is in the table once, and has a sentence and an example that names it")
    func hooks() {
        #expect(Set(APIReference.plugins.hooks.map(\.name)) == Set(HookName.allCases))
        #expect(APIReference.plugins.hooks.count == HookName.allCases.count)
        for hook in APIReference.plugins.hooks {
            #expect(hook.example.contains("function plugin.\(hook.name.rawValue)(ctx)") && !hook.sentence.isEmpty)
        }
    }

    @Test("the fields of ctx are those that the host gives")
    func contextFields() throws {
        for hook in APIReference.plugins.hooks {
            let input = try Self.input(hook.name)
            let fields = hook.context.fields
            let given = Set(input.data.members.map(\.key))
            let required = Set(fields.filter { !$0.isOptional }.map(\.name))
            // What goes with groups only is not there for the user of this test.
            let others: Set<String> = hook.name == .onConflict ? ["members"] : []
            #expect(given.isSubset(of: fields.filter { $0.source == .given }.map(\.name)), "\(hook.name)")
            #expect(given.isSuperset(of: fields.filter { $0.source == .given }.map(\.name).filter(required.contains)), "\(hook.name)")
            let lazy = Set(fields.filter { $0.source == .lazy }.map(\.name)).subtracting(others)
            #expect(Set(input.context.lazy.keys) == lazy, "\(hook.name)")
            #expect(Set(hook.context.outcomes.map(\.name)) == Set(hook.name.phase.outcomes), "\(hook.name)")
        }
    }

    private static func input(_ hook: HookName) throws -> HookInput {
        if hook == .onConflict {
            let conflict = UniquenessConflict(path: "userName", value: "ada", attempt: 1)
            return HookInput(hook, .create(["userName": "ada"]), conflict, config: .empty)
        }
        if hook == .onSchedule {
            let claim = ScheduleState.Claim(slot: Timestamp(milliseconds: 0), attempt: 1)
            return HookInput(claim, of: "probe", in: .default, config: .empty)
        }
        let key = ResourceKey(type: "User", id: "x1")
        if hook == .mapOutbound {
            let user = Resource(attributes: ["id": "x1"])
            return HookInput(OutboundInput(document: ["userName": "ada"], user: user, key: key, target: "clarizen"), config: .empty)
        }
        if [.onProvisioned, .onProvisionFailed].contains(hook) {
            let ending = OutboundEnding(id: "clarizen-1", target: "clarizen", key: key, action: "create")
            return HookInput(hook, ending, of: "probe", attempt: 1, time: Timestamp(milliseconds: 0), config: .empty)
        }
        if hook == .onRead {
            var input = HookInput(
                reading: [ResourceCopy(Resource(attributes: ["id": "x1"]))], "User", ResourceChange.request, config: .empty)
            for member in input.batch?.first?.object?.members ?? [] { input.data[member.key] = member.value }
            return input
        }
        if hook == .onRequest {
            return HookInput(rewriting: RawRequest(method: "GET", path: "/Users"), from: ResourceChange.request, config: .empty)
        }
        let isGroup = ["mapGroup", "checkGroup", "onGroupCreate", "onGroupUpdate", "onGroupDelete"].contains(hook.rawValue)
        guard hook.phase == .on else {
            let isOther = [.mapResource, .checkResource].contains(hook)
            let key = ResourceKey(type: isOther ? "Device" : isGroup ? "Group" : "User", id: "x1")
            let change = ResourceChange(
                operation: .create, key: key, before: nil, after: Resource(attributes: ["id": "x1"]), request: ResourceChange.request)
            return HookInput(hook, change, config: .empty)
        }
        let kind = try #require(LifecycleEvent.Kind(rawValue: hook.rawValue))
        let user = LifecycleEvent.user(kind)
        let subject = ResourceKey(type: isGroup ? "Group" : "User", id: "x1")
        let event = LifecycleEvent(id: user.id, kind: kind, subject: subject, change: user.change)
        let delivery = Delivery(
            id: 1, subscriber: "plugin:probe", event: event, state: .leased, attempts: 1, due: user.change.time, leasedUntil: nil, lease: 1,
            lastError: nil)
        let isMembership = [.onGroupAdd, .onGroupRemove].contains(hook)
        return HookInput(hook, delivery, of: "probe", subject: ["id": "x1"], group: isMembership ? ["id": "g1"] : nil, config: .empty)
    }

    // MARK: Phases and permissions

    @Test("a function that acts on the world is refused before the commit")
    func phases() async throws {
        let plugins = try await plugin(.mapUser, #"muster.once(ctx, "x", function() end)"#, manifest: #""permissions": {"kv": true}"#)
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(
            plugins.log.lines.contains { $0.message.contains("muster.once cannot be called in mapUser (phase map); only in the phases on") }
        )
    }

    @Test("a function that waits is refused while the plugin is loaded, one that does not is not")
    func loading() async throws {
        for (call, isAllowed) in [("muster.kv.get('x')", false), ("muster.time.sleep(0)", false), ("muster.time.now()", true)] {
            let plugins = try TestPlugins()
            try plugins.add("probe", #""permissions": {"kv": true}"#, lua: "\(call)\nreturn {}")
            let report = try #require(try await plugins.host.load().first)
            #expect((report.state == .loaded) == isAllowed, "\(call)")
            if !isAllowed { #expect(report.reason?.contains("cannot be called while") == true, "\(report.reason ?? "")") }
        }
    }

    @Test("a permission that the table names is asked for, in words that say how to grant it")
    func permissions() async throws {
        let plugins = try TestPlugins()
        let functions = APIReference.plugins.modules.flatMap { module in module.functions.map { (module, $0) } }
        let hook = try #require(APIReference.plugins.hooks.first { $0.name == .onCreate })
        var fields: [String: String] = [:]
        for (number, (_, function)) in functions.enumerated() {
            guard let permission = function.permission else { continue }
            fields["p\(number)"] = permission.field
            try plugins.add(
                "p\(number)", lua: "return { onCreate = function(ctx)\n\(function.example)\nend }",
                files: ["spec/p_spec.lua": "it(\"runs\", function() test.run(\"onCreate\", \(ExamplePlugin.input(hook))) end)"])
        }
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.results.count == fields.count && report.count(.failed) == fields.count)
        for result in report.results {
            let message = try #require(result.message)
            let field = try #require(fields[result.plugin])
            #expect(message.contains("in plugin.json") && message.contains(field), "\(result.plugin): \(message)")
        }
    }

    // MARK: Examples

    @Test("every example of a function, an outcome or a hook runs in a real machine")
    func pluginExamples() async throws {
        let plugins = try TestPlugins()
        let hooks = APIReference.plugins.hooks
        var count = 0
        func add(_ lua: String, _ hook: APIHook) throws {
            count += 1
            try plugins.add(
                "example-\(count)", ExamplePlugin.manifest, lua: lua, files: ["spec/example_spec.lua": ExamplePlugin.spec(hook)])
        }
        for function in APIReference.plugins.modules.flatMap(\.functions) {
            let hook = try #require(hooks.first { $0.name == .onCreate && function.phases.phases.contains($0.name.phase) })
            try add("return { \(hook.name.rawValue) = function(ctx)\n\(function.example)\nend }", hook)
        }
        for outcome in APIReference.plugins.outcomes {
            let hook = try #require(
                hooks.first { hook in hook.context.name.contains("User") && hook.context.outcomes.contains { $0.name == outcome.name } })
            try add("return { \(hook.name.rawValue) = function(ctx)\n\(outcome.example)\nend }", hook)
        }
        for hook in hooks { try add("local log = muster.log\nlocal plugin = {}\n\(hook.example)\nreturn plugin", hook) }
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.count(.passed) == count && report.isSuccess, "\(report.results.filter { $0.outcome != .passed }.map(\.text))")
    }

    @Test("every example of a spec's function runs; those of worlds run in MusterTests, where engines are")
    func specExamples() async throws {
        let plugins = try TestPlugins()
        let lua = "return { onCreate = function(ctx) end, onUpdate = function(ctx) error(\"there is no time\") end }"
        var count = 0
        for module in APIReference.specs.modules where module.name != "world" {
            for function in module.functions where function.name != "world" {
                let declares = ["describe", "it", "pending", "before_each", "after_each"].contains(function.name)
                let body =
                    declares ? function.example + "\nit(\"runs\", function() end)" : "it(\"runs\", function()\n\(function.example)\nend)"
                count += 1
                try plugins.add("example-\(count)", ExamplePlugin.manifest, lua: lua, files: ["spec/example_spec.lua": body])
            }
        }
        let report = try await PluginTestRunner(directory: plugins.directory, updatesSnapshots: true).run()
        #expect(report.isSuccess && report.count(.passed) >= count, "\(report.results.filter { $0.outcome == .failed }.map(\.text))")
    }
}
