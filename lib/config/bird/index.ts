export type {
  BirdAddress,
  BirdAll,
  BirdAny,
  BirdCommunity,
  BirdComparison,
  BirdExpression,
  BirdName,
  BirdNot,
  BirdNumber,
  BirdPrefix,
  BirdPrefixSet,
  BirdText,
} from "./expression.js";
export type {
  BirdAssignment,
  BirdCall,
  BirdCondition,
  BirdFilter,
  BirdFilterStatement,
  BirdVerdict,
} from "./filter.js";
export {
  BIRD_BLOCK_KEYWORDS,
  type BirdBlock,
  type BirdBlockKeyword,
  type BirdDefinition,
  type BirdEntry,
  type BirdFile,
  type BirdLine,
  type BirdStatement,
  type BirdValue,
  isBirdBlock,
  isBirdLine,
} from "./model.js";
export { parseBird } from "./parse.js";
export { printBird, printBirdExpression, printBirdLine } from "./print.js";
export { BirdBgpView, BirdBlockView, BirdConfig } from "./view.js";
