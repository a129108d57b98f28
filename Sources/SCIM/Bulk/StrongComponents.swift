/// The strongly connected components of a directed graph, by Tarjan's algorithm without recursion, so that a long chain of
/// references does not exhaust the stack.
enum StrongComponents {
    /// The components: each after those to which its edges lead, otherwise in the order of the nodes; nodes sorted within.
    /// - Parameter edges: The nodes to which each node leads.
    static func find(in edges: [[Int]]) -> [[Int]] {
        var search = Search(edges)
        for node in edges.indices where search.order[node] == nil { search.visit(node) }
        return search.components
    }

    private struct Search {
        let edges: [[Int]]
        /// When each node was come upon.
        var order: [Int?]
        /// The earliest node that can be reached from each within its component.
        var low: [Int]
        var isOpen: [Bool]
        var open: [Int] = []
        var count = 0
        var components: [[Int]] = []

        init(_ edges: [[Int]]) {
            self.edges = edges
            order = Array(repeating: nil, count: edges.count)
            low = Array(repeating: 0, count: edges.count)
            isOpen = Array(repeating: false, count: edges.count)
        }

        mutating func enter(_ node: Int) {
            order[node] = count
            low[node] = count
            count += 1
            open.append(node)
            isOpen[node] = true
        }

        mutating func visit(_ root: Int) {
            enter(root)
            var path = [(node: root, next: 0)]
            while let (node, next) = path.last {
                if next < edges[node].count {
                    path[path.count - 1].next += 1
                    let target = edges[node][next]
                    if let seen = order[target] {
                        if isOpen[target] { low[node] = min(low[node], seen) }
                    } else {
                        enter(target)
                        path.append((target, 0))
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node { low[parent] = min(low[parent], low[node]) }
                if low[node] == order[node] { close(node) }
            }
        }

        private mutating func close(_ node: Int) {
            var component: [Int] = []
            while let last = open.popLast() {
                isOpen[last] = false
                component.append(last)
                if last == node { break }
            }
            components.append(component.sorted())
        }
    }
}
