import AsyncHTTPClient
import Foundation
import MusterCore
import NIOCore
import NIOHTTP1

extension TransportError {
    /// What a failure of the HTTP client means.
    init(_ error: any Error, _ url: OutboundURL) {
        switch error {
        case let error as TransportError:
            self = error
        case is CancellationError:
            self.init(.cancelled, "the request to \(url.origin) was cancelled")
        case let error as HTTPClientError:
            self.init(error, url)
        case let error as IOError:
            self.init(.connectionFailed, "\(url.origin): \(String(cString: strerror(error.errnoCode)))")
        case is HTTPParserError:
            self.init(.connectionFailed, "\(url.origin) did not answer in HTTP")
        case is ChannelError:
            self.init(.connectionFailed, "\(url.origin): the connection ended")
        default:
            self.init(.connectionFailed, "\(url.origin): \(Self.reason(of: error))")
        }
    }

    /// The reason in an error of TLS, such as `certificate verify failed`; such errors hold nothing of the request.
    private static func reason(of error: any Error) -> String {
        let text = String(describing: error)
        guard let marker = text.firstRange(of: "OPENSSL_internal:") else { return String(text.prefix(300)) }
        let word = text[marker.upperBound...].prefix { $0.isLetter || $0 == "_" }
        return "TLS: " + word.replacing("_", with: " ").lowercased()
    }

    private init(_ error: HTTPClientError, _ url: OutboundURL) {
        switch error {
        case .cancelled, .alreadyShutdown:
            self.init(.cancelled, "the request to \(url.origin) was cancelled")
        case .connectTimeout, .tlsHandshakeTimeout:
            self.init(.timeout, "\(url.origin) cannot be connected to in time")
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init(.timeout, "\(url.origin) did not answer in time")
        case .invalidURL, .emptyHost, .emptyScheme:
            self.init(.invalidURL, "the URL is not valid")
        default:
            self.init(.connectionFailed, "\(url.origin): \(error.shortDescription)")
        }
    }
}

extension Error {
    /// Whether nothing of a request can have been sent: errors that only connecting has.
    var isFailureToConnect: Bool {
        switch self {
        case let error as IOError:
            [ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode)
        case let error as HTTPClientError:
            error == .connectTimeout
        default:
            false
        }
    }
}

extension TimeAmount {
    /// The same time; beyond thirty years it makes no difference.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(min(seconds, 1_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
