"""Everyday English nouns, so that a Title Case line can be brought down without touching names."""

from __future__ import annotations

from kairo.stages.opportunities.rules.lexicon.word_lists import words

COMMON_NOUNS = words(
    """
    account adventure age air alcohol alley almond amount animal apartment app apple appointment approach apron
    arm army attempt audience author autumn baby backpack bag ball banana band bank bar barrel base basement
    basket bath bathroom battery beach bean beans beard bed bedroom beef beer beginner beginners bell belt bench
    bike bill bird bite blade blanket blood board boat body bone book boot boots boss bottle bottom bowl box
    brain brake branch brand bread breakfast breath brick bridge brush bucket budget bug bus business butter
    button buyer cabbage cabin cabinet cable cafe cake calendar camera camp campaign candle cap car carbon card
    career carpet carrot case cat cell chain chair chapter charger chart cheek chef chest chicken child children
    chin chip chocolate church cinnamon city class cleaner clock cloth clothes cloud club coach coast coat
    cocktail code coin collar collection college color colour column commute company compost computer concept
    connector container cook cookie copper cord corn corner cost couch counter country couple course cover cow
    crack craft crate cream creator credit crew crop crowd crown crust cup cupboard cure curtain curve cushion
    customer customers cycle dad dance dashboard daughter dawn deadline debt deck degree demo dentist desk
    dessert detail device diet dinner dirt disease dish doctor dog door dough dozen draft drain drawer dream
    dress drill drink driver drum duck dye ear earth edge egg elbow email employee end energy engine engineer
    entrance entry error escape essay evening exam example exercise exit expert eye eyes fabric face factory
    failure fall family fan farm farmer farmers fashion fat faucet feature fee feet fence fever fiber field
    finger fingers fire fish fixture flavor flavour floor flower flowers foam folder food foot forehead forest
    fork form frame freezer freezer freelancer friend friends frog fruit fuel fund furniture future gallery game
    garage garbage garden garlic gate gift ginger girl glove gloves glue goal goat grain grape grapes grid grip
    group growth guest guitar gum gym habit hair half hall hammer hand handle hands hat head headache heart
    heater heel height herb herbs hill hip hobby hole home honey hood hook horse hose hospital hotel house
    household hunger husband ice income industry ingredient ingredients ink insect insurance interview invoice
    iron island item items jacket jam jar jaw job joint juice jumper kettle key keyboard kid kids kidney kit
    kitchen kitten knee knife label lake lamp land landlord language laptop lawn lawyer layer leader leaf leak
    leash leather leaves leg legs lemon lemons lens letter lettuce level lid line linen lip lips liquid list
    litter living loaf loan location lock log loop lotion lunch lung machine magazine mail manager map maple
    mark market marketer marketing mask match mattress meal measure meat medicine meeting member memory menu
    message metal method microphone microwave mile milk mind mint minute mirror mistake mistakes model mom
    moment monitor moon mortgage mother motor mountain mouse mouth movie mud muscle muscles museum mushroom
    music nail nails napkin neck needle neighbor neighbour nerve nest net network news newsletter night noise
    noodle noodles north nose note notebook number nurse nut nuts oak oat oats ocean office oil olive onion
    onions opinion option orange orchard order outfit oven owner pace pack package packaging pad page pain paint
    pair palette palm pan pancake panel pants paper parent parents park parking part partner party pasta path
    patio pattern peach pear pen pencil pepper permit pet petal phone photo photographer piano picnic pie piece
    pig pillow pilot pin pine pipe pizza plan plane plank plant planter plants plastic plate platform player
    pocket podcast point pole pond pool porch pork port portfolio pot potato potatoes powder practice
    prescription presentation pressure price pricing printer prize product products professor profile profit
    program project projects protein pump puppy purse quality quarter queue quilt rabbit race rack radio rain
    range rat rate recipe record refrigerator region remote rent report request restaurant retailer rice ride
    ring risk river road robot rock role roll roof room root roots rope rose route routine row rug ruler runner
    sack saddle safety salad salary sale sales salmon salt sample sand sandwich sauce sausage saw scale scarf
    scene schedule school science scientist scientists score screen screw sea seal season seat seed seeds seller
    series server service session set setting setup setups shade shampoo shape sheep sheet sheets shelf shell
    shelter shift ship shipping shirt shock shoe shoes shop shorts shoulder shower shrimp side sidewalk sign
    signal silver singer sink sister site size skate ski skill skin skincare skirt sky sleeve slice slope smell
    snack snow soap sock socks sofa software soil son song soup source space speaker species speed spice spider
    spinach spine spoon sport spot spouse spray spring square squirrel stack staff stage stair stairs stall
    stamp stand star startup statement station steak steam steel step steps stitch stock stomach stone stool
    store storm story stove strap strategy straw stream street string stroke student students studio study style
    subject subscription suburb success sugar suit summer sun supplement supplier supply surface surgery sweater
    swimming switch symptom system systems table tablet tail tailor tank tape target task taste tax tea teacher
    team tech teen teeth temperature tent terms test texture theater theme theory thigh thread throat throw
    thumb ticket tie tile timer tip tire toast toe tomato tomatoes tongue tool tools tooth toothpaste top tour
    towel tower town toy track tractor traffic trail trailer train trainer training trash traveler tray
    treatment tree trees trick trip truck trunk tub tube turkey twin type tyre umbrella uncle uniform university
    update user users vacation vacuum valley value van vase vegetable vegetables vehicle vendor verdict video
    view village vinegar virus visa visitor voice volume waist walk wall wallet wardrobe warehouse washer waste
    watch water wave wax weather website wedding weed weeds weight wheel wheels wife window wine wing winter
    wire wolf wood wool word work worker workflow workout workshop world worm wound wrist writer yard yarn year
    yeast yogurt yolk youth zipper zone
    """
)
