import Foundation
import MusterLua
import SCIM
import Synchronization

/// The worlds that the specs of one file open.
final class SpecWorlds: Sendable {
    /// How many a spec may have.
    private static let limit = 8

    private struct State {
        var open: [SpecWorldEngine] = []
        var coverage: [LuaCoverage] = []
    }
    private let world: SpecWorld
    private let directory: URL
    private let factory: SpecEngineFactory?
    let recordsCoverage: Bool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - world: What the specs make up around the plugins.
    ///   - directory: The folder with one folder for each plugin.
    ///   - factory: Opens engines; nil where there are none.
    init(world: SpecWorld, directory: URL, factory: SpecEngineFactory?, recordsCoverage: Bool) {
        (self.world, self.directory, self.factory, self.recordsCoverage) = (world, directory, factory, recordsCoverage)
    }

    /// Opens a world.
    /// - Returns: Its number.
    func open(_ options: SpecWorldEngine.Options) async throws -> Int {
        guard let factory else { throw HostCallError("test.world: there is no engine here; run the specs with 'muster test'") }
        guard state.withLock({ $0.open.count }) < Self.limit else {
            throw HostCallError("test.world: a spec opens at most \(Self.limit) worlds")
        }
        let engine = try await SpecWorldEngine(
            options, world: world, directory: directory, factory: factory, recordsCoverage: recordsCoverage)
        return state.withLock { state in
            state.open.append(engine)
            return state.open.count - 1
        }
    }

    /// An open world.
    func engine(_ number: Int) throws(HostCallError) -> SpecWorldEngine {
        guard let engine = state.withLock({ $0.open.indices.contains(number) ? $0.open[number] : nil }) else {
            throw HostCallError("this world belongs to another spec and is closed; open one in before_each or in the spec")
        }
        return engine
    }

    /// Closes all worlds, between two specs.
    func close() async {
        let open = state.withLock { state in
            defer { state.open = [] }
            return state.open
        }
        for engine in open {
            let coverage = await engine.coverage()
            state.withLock { $0.coverage += coverage }
        }
    }

    /// The lines that ran in the worlds that were closed: one part for each machine, to be added up.
    var coverage: [LuaCoverage] { state.withLock { $0.coverage } }
}
