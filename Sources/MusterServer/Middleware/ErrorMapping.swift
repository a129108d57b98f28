import Hummingbird
import MusterCore
import NIOCore
import NIOHTTP1
import SCIM

extension SCIMError {
    /// What a client is told of an error; nil for one that is the server's own affair.
    init?(_ error: any Error) {
        switch error {
        case let error as SCIMError where (400...599).contains(error.status): self = error
        case let error as JSONError: self = .invalidSyntax(error.description)
        case let error as StoreError: self.init(error)
        case is DeadlineExceeded:
            self = .unavailable("the request took too long; whether it was carried out is not known", retryAfter: 5)
        case is NIOTooManyBytesError: self = .payloadTooLarge("the body is larger than the server takes")
        case is HTTPParserError: self = .invalidSyntax("the request is not valid HTTP")
        case let error as HTTPError: self.init(error)
        default: return nil
        }
    }

    private init?(_ error: StoreError) {
        switch error.code {
        case .unavailable: self = .unavailable("the directory cannot be reached now", retryAfter: 5)
        case .conflict: self = .unavailable("the resource is being changed by too many requests at once", retryAfter: 1)
        case .uniqueness(let path): self = .uniqueness("another resource has this \(path) already")
        case .notFound: self = .notFound("there is no such resource")
        case .unknownMember(let id): self = .invalidValue("members: there is no user or group with the id '\(id)'")
        }
    }

    /// An error of the framework's own, such as a route that nobody serves.
    private init?(_ error: HTTPError) {
        switch error.status.code {
        case 404: self = .notFound("there is nothing at this path; SCIM is served below the base URL")
        case 400...499: self.init(status: error.status.code, detail: error.body ?? error.status.reasonPhrase)
        default: return nil
        }
    }
}
