import type { Uuid } from '../domain/uuid.js';

/** The nodes of each cluster. */
export type ClusterNodes = ReadonlyMap<Uuid, ReadonlySet<Uuid>>;

/** Where a content is, changed as it moves; a cluster has what one of its nodes has. */
export function addPlace(places: Set<Uuid>, at: Uuid, clusters: ClusterNodes): void {
  places.add(at);
  for (const [cluster, nodes] of clusters) if (nodes.has(at)) places.add(cluster);
}

/** A content that a cluster loses is lost by its nodes. */
export function removePlace(places: Set<Uuid>, from: Uuid, clusters: ClusterNodes): void {
  places.delete(from);
  for (const node of clusters.get(from) ?? []) places.delete(node);
  for (const [cluster, nodes] of clusters) {
    if (places.has(cluster) && ![...nodes].some((node) => places.has(node))) places.delete(cluster);
  }
}

/** The places in a location log, and the clusters that have the content therefore. */
export function withClusterPlaces(logged: Iterable<Uuid>, clusters: ClusterNodes): Set<Uuid> {
  const places = new Set(logged);
  if (clusters.size > 0) for (const uuid of [...places]) addPlace(places, uuid, clusters);
  return places;
}
