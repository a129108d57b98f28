import Testing

@testable import MusterServer

@Suite("Least recently used")
struct LeastRecentlyUsedTests {
    @Test("Beyond its capacity the entry goes that nobody asked for longest")
    func eviction() {
        var cache = LeastRecentlyUsed<String, Int>(capacity: 3)
        for (key, value) in [("a", 1), ("b", 2), ("c", 3)] { cache[key] = value }
        #expect(cache["a"] == 1)
        cache["d"] = 4
        #expect(cache["b"] == nil)
        #expect(cache["a"] == 1 && cache["c"] == 3 && cache["d"] == 4)
        #expect(cache.count == 3)
        cache["a"] = 9
        cache["c"] = nil
        #expect(cache["a"] == 9 && cache["c"] == nil)
        #expect(cache.count == 2)
    }

    @Test("It behaves as a plain list does, whatever is done to it")
    func model() {
        var random = SystemRandomNumberGenerator()
        var cache = LeastRecentlyUsed<Int, Int>(capacity: 5)
        var model: [(key: Int, value: Int)] = []
        for step in 0..<5000 {
            let key = Int.random(in: 0..<9, using: &random)
            let known = model.firstIndex { $0.key == key }
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                #expect(cache[key] == known.map { model[$0].value })
                if let known { model.append(model.remove(at: known)) }
            case 1:
                cache[key] = step
                if let known { model.remove(at: known) } else if model.count == 5 { model.removeFirst() }
                model.append((key, step))
            default:
                cache[key] = nil
                if let known { model.remove(at: known) }
            }
            #expect(cache.count == model.count)
        }
    }

    @Test("There is always room for one")
    func smallest() {
        var cache = LeastRecentlyUsed<Int, Int>(capacity: 0)
        cache[1] = 1
        cache[2] = 2
        #expect(cache[1] == nil && cache[2] == 2)
    }
}
