import MusterCore
import SCIM

extension SCIMClient {
    /// Makes sure that a SCIM server is there at all. A 404 is normal for one resource, for an empty list or for a description; but
    /// where everything is answered so, the base URL is wrong or something in between answers, and nothing follows from it.
    /// - Throws: ``TargetError`` `unavailable`, or why it could not be asked.
    func confirmPresence() async throws {
        let description = dialect.version == .one ? "/ServiceProviderConfigs" : "/ServiceProviderConfig"
        for path in [description, "/Users?count=1", "/Groups?count=1"] {
            do {
                let answer = try await send("GET", path).answer
                if answer.json?.complex != nil { return }
            } catch let error as TargetError {
                switch error.code {
                // It may have none of one kind, or not like to be asked for it; some know no pages.
                case .notFound, .unsupported, .refused: continue
                default: throw error
                }
            }
        }
        throw TargetError(.unavailable, "nothing there speaks SCIM; is the baseURL right?", status: 404, request: "GET /Users")
    }
}
