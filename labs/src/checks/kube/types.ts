import type {
  CoreV1Event,
  V1ConfigMap,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Ingress,
  V1Job,
  V1Namespace,
  V1NetworkPolicy,
  V1Node,
  V1ObjectMeta,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1ReplicaSet,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1StatefulSet,
} from "@kubernetes/client-node";

/**
 * Only the types of @kubernetes/client-node are used: the API's answers are plain JSON, so dates
 * are ISO 8601 texts here. Its client is not: importing it takes more time than a whole check, and
 * version 2 does not start on Node 20 (its undici wants zlib's zstd).
 */
export type Json<T> = T extends Date
  ? string
  : T extends (infer U)[]
    ? Json<U>[]
    : T extends object
      ? { [K in keyof T]: Json<T[K]> }
      : T;

export type Metadata = Json<V1ObjectMeta> & { name: string; uid: string; creationTimestamp: string };

/**
 * An object as the API server answers it: metadata, spec and status are always there where the kind
 * has them.
 */
export type Read<T> = Omit<Json<T>, "metadata" | "spec" | "status"> & { metadata: Metadata } & {
  [K in keyof T as K extends "spec" | "status" ? K : never]-?: NonNullable<Json<T[K]>>;
};

export type Node = Read<V1Node>;
export type Pod = Read<V1Pod>;
export type Deployment = Read<V1Deployment>;
export type DaemonSet = Read<V1DaemonSet>;
export type StatefulSet = Read<V1StatefulSet>;
export type ReplicaSet = Read<V1ReplicaSet>;
export type Job = Read<V1Job>;
export type Service = Read<V1Service>;
export type EndpointSlice = Read<V1EndpointSlice>;
export type Event = Read<CoreV1Event>;
export type ConfigMap = Read<V1ConfigMap>;
export type Secret = Read<V1Secret>;
export type Namespace = Read<V1Namespace>;
export type ServiceAccount = Read<V1ServiceAccount>;
export type NetworkPolicy = Read<V1NetworkPolicy>;
export type Ingress = Read<V1Ingress>;
export type PersistentVolume = Read<V1PersistentVolume>;
export type PersistentVolumeClaim = Read<V1PersistentVolumeClaim>;

/** An object of any kind. Its fields are what the API server sent: look before you trust. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [key: string]: unknown;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  [key: string]: any;
}

/** What `create` and `apply` take. */
export type Manifest = Omit<KubeObject, "metadata"> & {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; [key: string]: unknown };
};
