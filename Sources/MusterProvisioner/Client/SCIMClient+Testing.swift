import MusterCore
import SCIM

extension SCIMClient {
    /// Tries the connection as OneLogin does when it is switched on, and shows each step: what the target says of itself, a look-up
    /// of somebody who is not there, and the list of groups. Learns on the way what it cannot do.
    package func test() async -> [ConnectionStep] {
        var steps = [await describe()]
        let lookUp = await step("look-up") { client in
            let name = "never-existing-\(UInt64.random(in: 0 ... .max))"
            let filter = "userName eq \"\(name)\""
            let path = "/Users?filter=\(filter.pathSegment)"
            guard client.isSearchable("Users", by: "userName") else {
                let page = try await client.page("Users", startIndex: 1)
                return ("GET /Users", "\(page.totalResults ?? page.resources.count) accounts; cannot be searched by filter")
            }
            let found = try await client.find("Users", attribute: "userName", value: name)
            guard found.isEmpty else { throw TargetError(.invalidAnswer, "it finds somebody who cannot be there", request: "GET \(path)") }
            let isSearchable = client.isSearchable("Users", by: "userName")
            return ("GET \(path)", isSearchable ? "nobody, as it should be" : "cannot be searched by filter: all are read instead")
        }
        let described = steps[0].outcome == .ok
        steps.append(lookUp)
        guard lookUp.outcome != .failed else { return steps }
        steps.append(
            await step("groups") { client in
                let groups = try await client.groups()
                if groups.isEmpty, !described { try await client.confirmPresence() }
                return ("GET /Groups", "\(groups.count) groups")
            })
        return steps
    }

    /// Reads what the target says that it can; not having it is normal.
    private func describe() async -> ConnectionStep {
        let path = dialect.version == .one ? "/ServiceProviderConfigs" : "/ServiceProviderConfig"
        do {
            let answer = try await send("GET", path).answer
            guard let json = answer.json else {
                return ConnectionStep(
                    name: "description", request: "GET \(path)", outcome: .warning, detail: "no JSON; what the preset says holds")
            }
            var told: [String] = []
            func takes(_ name: String, _ change: (inout TargetDialect) -> Void) {
                guard json[name]?["supported"] == false else { return }
                learn(change)
                told.append("no \(name)")
            }
            takes("patch") { $0.patch = false }
            takes("filter") { $0.filter = false }
            return ConnectionStep(
                name: "description", request: "GET \(path)", outcome: .ok,
                detail: told.isEmpty ? "\(answer.status)" : told.joined(separator: ", "))
        } catch let error as TargetError {
            // A target that is not there at all is found by the next step too.
            let isFatal = error.code == .misconfigured
            return ConnectionStep(
                name: "description", request: "GET \(path)", outcome: isFatal ? .failed : .warning,
                detail: error.status.map { "\($0); what the preset says holds" } ?? error.detail)
        } catch {
            return ConnectionStep(name: "description", request: "GET \(path)", outcome: .failed, detail: "\(error)")
        }
    }

    private func step(
        _ name: String, _ body: (SCIMClient) async throws -> (request: String, detail: String)
    ) async -> ConnectionStep {
        do {
            let done = try await body(self)
            return ConnectionStep(name: name, request: done.request, outcome: .ok, detail: done.detail)
        } catch let error as TargetError {
            return ConnectionStep(
                name: name, request: error.request, outcome: .failed,
                detail: [error.status.map(String.init) ?? error.code.rawValue, error.detail].filter { !$0.isEmpty }.joined(separator: ": "))
        } catch {
            return ConnectionStep(name: name, request: "", outcome: .failed, detail: "\(error)")
        }
    }
}
